/** Registers the service worker, and says when the site needs no network any more. */

/** @param tell gets a few words for people */
export async function keepSite(tell: (text: string) => void): Promise<void> {
  if (!import.meta.env.PROD) return tell("in the built site only");
  if (!("serviceWorker" in navigator)) return tell("not in this browser");
  try {
    tell("being kept");
    await navigator.serviceWorker.register(new URL("./sw.js", document.baseURI), {
      type: "module",
    });
    await navigator.serviceWorker.ready;
    tell("ready");
  } catch (error) {
    tell(`not kept: ${(error as Error).message}`);
  }
}
