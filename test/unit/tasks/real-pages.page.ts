/** The page of real-pages.test.ts: it shares a budget and leaves its mark on the window. */
import { TabBudget } from "../../../src/pool/tabs/budget.ts";
import { installShutdown } from "../../../src/tasks/shutdown.ts";

const log: string[] = [];
const shares: { at: number; megabytes: number }[] = [];
const budget = new TabBudget({
  budget: 600e6,
  key: "real pages",
  onShare: (bytes) => shares.push({ at: Date.now(), megabytes: bytes / 1e6 }),
});
installShutdown({
  drain: async () => undefined,
  close: () => void log.push("close"),
  teardown: async () => {
    log.push("teardown");
    await budget.leave();
  },
  resume: async () => {
    log.push("resume");
    await budget.join();
  },
});
const events: string[] = [];
const note = ({ type }: Event): void => void events.push(type);
window.addEventListener("pagehide", note);
document.addEventListener("freeze", note);
document.addEventListener("resume", note);
await budget.join();
window.addEventListener("pageshow", note);
Object.assign(window, { page: { log, events, shares, share: () => budget.share / 1e6 } });
