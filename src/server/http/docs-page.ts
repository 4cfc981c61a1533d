/** A page for people that is made of the OpenAPI document, without scripts. */
import { openApi } from "./openapi.ts";

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}table{border-collapse:collapse}
td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}h2{margin-top:2rem}
@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8bf}}`;

export function docsPage(): Response {
  const nonce = crypto.randomUUID();
  const { info, paths } = openApi();
  const sections = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const answers = Object.entries(operation.responses).map(
        ([status, { description }]) =>
          `<tr><td><code>${escape(status)}</code></td><td>${escape(description)}</td></tr>`,
      );
      return `<h2><code>${method.toUpperCase()} ${escape(path)}</code></h2>
<p>${escape(operation.summary)}</p>
${operation.description ? `<p>${escape(operation.description)}</p>` : ""}
<table>${answers.join("")}</table>`;
    }),
  );
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(info.title)}</title><style nonce="${nonce}">${STYLE}</style></head>
<body><h1>${escape(info.title)} ${escape(info.version)}</h1>
<p>${escape(info.description)} The same for programs: <a href="/openapi.json">openapi.json</a>.</p>
${sections.join("\n")}
</body></html>
`;
  return new Response(html, {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": `default-src 'none'; style-src 'nonce-${nonce}'; frame-ancestors 'none'`,
    },
  });
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
