/** A strict little reader of OpenMetrics text: what it is not sure of is an error. */
export function parseOpenMetrics(text: string): Map<string, number> {
  if (!text.endsWith("# EOF\n")) throw new Error("no # EOF at the end");
  const lines = text.slice(0, -"# EOF\n".length).split("\n");
  if (lines.pop() !== "") throw new Error("the last line has no end");
  const values = new Map<string, number>();
  const families = new Set<string>();
  let family = { name: "", type: "", help: false };
  for (const line of lines) {
    const meta = /^# (TYPE|UNIT|HELP) ([a-z][a-z0-9_]*) (.+)$/.exec(line);
    const [, keyword, name = "", rest = ""] = meta ?? [];
    if (keyword === "TYPE") {
      if (families.has(name)) throw new Error(`family ${name} twice`);
      if (!/^(gauge|counter|stateset)$/.test(rest)) throw new Error(`type ${rest}`);
      families.add(name);
      family = { name, type: rest, help: false };
    } else if (keyword !== undefined) {
      if (name !== family.name) throw new Error(`${line} outside of its family`);
      if (keyword === "UNIT" && !name.endsWith(`_${rest}`)) throw new Error(`unit of ${name}`);
      if (keyword === "HELP") family.help = true;
    } else {
      const [key, value] = parseSample(line, family);
      if (values.has(key)) throw new Error(`${key} twice`);
      values.set(key, value);
    }
  }
  return values;
}

function parseSample(
  line: string,
  family: { readonly name: string; readonly type: string; readonly help: boolean },
): [key: string, value: number] {
  const label = '[a-z_][a-z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
  const sample = new RegExp(`^([a-z][a-z0-9_]*)(\\{${label}(?:,${label})*\\})? (\\S+)$`, "s");
  const [, name, labels = "", number = ""] = sample.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  if (!family.help) throw new Error(`${name} has no help`);
  const suffix = family.type === "counter" ? "_total" : "";
  if (name !== family.name + suffix) throw new Error(`${name} outside of its family`);
  const value = Number(number);
  if (!Number.isFinite(value)) throw new Error(`${name} is ${number}`);
  if (family.type === "counter" && value < 0) throw new Error(`${name} is negative`);
  if (family.type === "stateset") {
    if (!labels.startsWith(`{${family.name}=`)) throw new Error(`${name} does not name its state`);
    if (value !== 0 && value !== 1) throw new Error(`state ${value}`);
  }
  return [name + labels, value];
}
