/** Another context of this origin that takes part in the budget: a worker, a frame or a window. */
import { TabBudget } from "../../src/pool/tabs/budget.ts";

const name = new URL(import.meta.url).searchParams.get("name") ?? "";
const key = new URL(import.meta.url).searchParams.get("key") ?? "";
const reports = new BroadcastChannel(`reports ${key}`);
const budget = new TabBudget({
  budget: 600e6,
  key,
  idleAfter: 0,
  onShare: (bytes) => reports.postMessage({ name, share: bytes }),
});
reports.addEventListener("message", ({ data }: MessageEvent<{ to?: string; busy?: boolean }>) => {
  if (data.to === name) budget.setBusy(data.busy ?? false);
});
reports.postMessage({ name, joined: await budget.join(), reason: budget.reason });
