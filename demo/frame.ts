/** Says whether this page gives its frames threads, which depends on two headers. */
const state: HTMLElement | null = document.querySelector<HTMLElement>("#state");
if (state) {
  state.textContent = globalThis.crossOriginIsolated
    ? "This page is cross-origin isolated: the reader in the frame computes with several threads."
    : "This page is not cross-origin isolated: the reader in the frame computes with one thread.";
}
