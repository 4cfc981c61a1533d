/** Shows what a server would get of the form. A page of its own needs the reader's script and nothing of this. */
import "../src/element/index.ts";

const form = document.querySelector<HTMLFormElement>("#form");
const sent = document.querySelector<HTMLOutputElement>("#sent");
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!sent) return;
  sent.hidden = false;
  sent.value = [...new FormData(form)]
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : value.name}`)
    .join("\n");
});
