/** The other half of the templates: reported, and never looked at while rules are written. */
import {
  block,
  bullets,
  columns,
  figure,
  heading,
  para,
  sheet,
  table,
  type Template,
  title,
} from "./parts.ts";
import { PLACES, type Seeded, THINGS } from "./seeded.ts";

const many = (r: Seeded, count: number, from: number = 2, to: number = 5): string =>
  r.list(count, () => para(r, from, to)).join("");

export const UNSEEN: readonly Template[] = [
  {
    kind: "memo",
    html: (r) =>
      sheet(
        heading("MEMORANDUM", "text-align:center;letter-spacing:3px") +
          ["To:", "From:", "Date:", "Subject:"]
            .map((label, i) =>
              block(
                "text",
                `<b style="display:inline-block;width:90px">${label}</b>${i === 2 ? r.date() : r.name()}`,
                "margin:5px 0",
              ),
            )
            .join("") +
          '<hr style="border:0;border-top:2px solid #000;margin:18px 0">' +
          many(r, 3) +
          bullets(r, 3, "ol") +
          many(r, 1),
        'padding:80px 90px;font-family:"Liberation Sans"',
      ),
  },
  {
    kind: "bill",
    html: (r) =>
      sheet(
        block(
          "text",
          `${r.title(2, 2)} GmbH<br>${r.int(1, 99)} Mill Road<br>${r.pick(PLACES)}`,
          "text-align:right;font-size:12px;margin-bottom:40px",
        ) +
          block(
            "text",
            [r.name(), `${r.int(1, 99)} Hill Lane`, r.pick(PLACES)].join("<br>"),
            "margin-bottom:36px",
          ) +
          title(`Bill ${r.int(100, 999)}`) +
          block("text", r.sentences(2), "margin-bottom:12px", "p") +
          table(
            [
              ["Item", "Hours", "Rate", "Sum"],
              ...r.list(r.int(3, 7), () => [
                r.pick(THINGS),
                String(r.int(1, 40)),
                r.amount(),
                r.amount(),
              ]),
            ],
            "width:100%;border-top:2px solid #000;border-bottom:2px solid #000",
          ) +
          block(
            "text",
            `Total due: ${r.amount()}`,
            "text-align:right;font-weight:bold;margin:16px 0",
          ) +
          many(r, 1) +
          block(
            "footer",
            `office@${r.words(1)}.example · IBAN XX${r.int(1000, 9999)} ${r.int(1000, 9999)}`,
            "position:absolute;top:1060px;left:80px;width:630px;font-size:10px;border-top:1px solid #888;padding-top:6px",
          ),
        "padding:70px 80px",
      ),
  },
  {
    kind: "journal",
    html: (r) =>
      sheet(
        block(
          "header",
          `Journal of ${r.title(2, 3)} ${r.int(1, 60)} (${r.int(1990, 2026)})`,
          "font-size:11px;font-style:italic;margin-bottom:24px",
        ) +
          columns(
            2,
            r
              .list(
                4,
                (i) => heading(`${i + 2}.${i + 1} ${r.title(2, 5)}`, "font-size:15px") + many(r, 3),
              )
              .join("") +
              block(
                "footnote",
                `1 ${r.sentences(2)}`,
                "font-size:10px;border-top:1px solid #000;margin-top:10px",
              ),
            "height:960px;text-align:justify",
          ),
        "padding:50px 60px;font-size:13px",
      ),
  },
  {
    kind: "magazine",
    html: (r) =>
      sheet(
        title(r.title(3, 5), 'font:bold 40px "Liberation Sans"') +
          block("text", r.sentences(1), "font-size:18px;margin-bottom:16px", "p") +
          columns(
            3,
            `<p data-block="text"><span style="float:left;font-size:48px;line-height:40px;padding-right:4px">T</span>${r.sentences(5)}</p>` +
              many(r, 4) +
              figure(r, 140) +
              block("caption", r.title(5, 9), "font-size:10px;margin:4px 0 12px") +
              many(r, 6),
            "height:820px;column-gap:18px",
          ),
        "padding:46px;font-size:12.5px",
      ),
  },
  {
    kind: "grid form",
    html: (r) => {
      const cell = "border:1px solid #333;padding:8px;text-align:left";
      return sheet(
        title(`Registration ${r.int(10, 99)}`) +
          `<table data-block="table" style="border-collapse:collapse;width:100%">${r.list(6, (i) => `<tr>${i % 3 === 2 ? `<td colspan="2" style="${cell}">${r.title(2, 4)}</td>` : `<td style="${cell}">${r.title(1, 2)}</td><td style="${cell}">${r.pick([r.name(), r.date()])}</td>`}</tr>`).join("")}</table>` +
          heading("Notes") +
          many(r, 2),
        'padding:70px;font-family:"Liberation Sans"',
      );
    },
  },
  {
    kind: "quiz",
    html: (r) =>
      sheet(
        title(`${r.title(2, 3)} quiz`) +
          columns(
            2,
            r
              .list(
                8,
                (i) =>
                  block("text", `${i + 1}) ${r.title(6, 12)}?`, "margin:10px 0 4px") +
                  block(
                    "list",
                    r.list(3, (k) => `<div>(${"abc"[k]}) ${r.words(r.int(1, 3))}</div>`).join(""),
                    "padding-left:16px;break-inside:avoid",
                  ),
              )
              .join(""),
            "height:900px",
          ),
        "padding:60px",
      ),
  },
  {
    kind: "gazette",
    html: (r) =>
      sheet(
        block(
          "header",
          `${r.pick(PLACES)} Gazette — ${r.date()}`,
          "font-size:11px;text-align:center;border-bottom:1px solid #000;margin-bottom:20px;padding-bottom:4px",
        ) +
          r
            .list(
              2,
              () =>
                title2(r) +
                columns(
                  4,
                  many(r, 6, 2, 3),
                  "height:420px;column-rule:1px solid #777;column-gap:16px;font-size:11.5px;text-align:justify",
                ),
            )
            .join(""),
        "padding:40px",
      ),
  },
  {
    kind: "novel",
    html: (r) =>
      sheet(
        block(
          "header",
          r.title(2, 3).toUpperCase(),
          "text-align:center;font-size:11px;margin-bottom:34px",
        ) +
          r
            .list(9, () =>
              block(
                "text",
                r.sentences(r.int(2, 6)),
                "text-indent:1.5em;margin:0;text-align:justify",
                "p",
              ),
            )
            .join("") +
          block("page-number", String(r.int(10, 400)), "position:absolute;top:1040px;left:385px"),
        "padding:80px 110px;font-size:15px",
      ),
  },
  {
    kind: "price list",
    html: (r) =>
      sheet(
        title(r.title(2, 3)) +
          r
            .list(
              3,
              () =>
                heading(r.title(1, 2)) +
                table(
                  r.list(r.int(4, 7), () => [
                    `${r.pick(THINGS)} ${r.words(2)}`,
                    `No. ${r.int(100, 999)}`,
                    r.amount(),
                  ]),
                  "width:100%",
                ),
            )
            .join(""),
        'padding:80px 120px;font-family:"Liberation Sans"',
      ),
  },
  {
    kind: "spans",
    html: (r) => {
      const cell = "border:1px solid #555;padding:4px 8px";
      const head = `<tr><th rowspan="2" style="${cell}">Place</th><th colspan="2" style="${cell}">${r.title(1, 1)}</th><th colspan="2" style="${cell}">${r.title(1, 1)}</th></tr><tr>${r.list(4, () => `<th style="${cell}">${r.title(1, 1)}</th>`).join("")}</tr>`;
      const body = r
        .list(
          r.int(4, 8),
          () =>
            `<tr><td style="${cell}">${r.pick(PLACES)}</td>${r.list(4, () => `<td style="${cell}">${r.amount()}</td>`).join("")}</tr>`,
        )
        .join("");
      return sheet(
        heading(r.title(2, 4)) +
          many(r, 2) +
          `<table data-block="table" style="border-collapse:collapse"><thead>${head}</thead><tbody>${body}</tbody></table><br>` +
          many(r, 3),
        "padding:80px",
      );
    },
  },
];

function title2(r: Seeded): string {
  return heading(r.title(5, 8), "font-size:24px;line-height:1.15;margin:14px 0 10px");
}
