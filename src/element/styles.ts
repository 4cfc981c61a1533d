/** The look of a reader: paper, ink and one accent, which its page can set as custom properties. */

/** Colours as pairs for light and dark; contrasts on paper and sheet are at least 4.5 to 1 for text. */
const COLOURS = `
:host {
  --paper: var(--glyphpool-paper, light-dark(#f4efe4, #171511));
  --sheet: var(--glyphpool-sheet, light-dark(#fffdf8, #211e18));
  --ink: var(--glyphpool-ink, light-dark(#1e1a15, #ece5d6));
  --soft: var(--glyphpool-soft, light-dark(#5f574a, #aea48f));
  --rule: var(--glyphpool-rule, light-dark(#d9cfbc, #3b362c));
  --accent: var(--glyphpool-accent, light-dark(#a8321a, #ff8f6b));
  --on-accent: var(--glyphpool-on-accent, light-dark(#fffdf8, #241006));
  --serif: var(--glyphpool-serif, "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", "Liberation Serif", Georgia, serif);
  --sans: var(--glyphpool-sans, system-ui, "Segoe UI", "Liberation Sans", sans-serif);
  --mono: var(--glyphpool-mono, ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace);
  display: block;
  container-type: inline-size;
  color: var(--ink);
  background: var(--paper);
  font: 15px/1.5 var(--sans);
  border: 1px solid var(--rule);
}
:host([hidden]) { display: none; }
`;

const CONTROLS = `
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
button, select, input { font: inherit; color: inherit; }
button, select, input[type="search"] {
  min-height: 32px; padding: 3px 12px; background: var(--sheet);
  border: 1px solid var(--rule); border-radius: 2px;
}
button { cursor: pointer; }
button:hover, select:hover { border-color: var(--ink); }
button.primary, button.download { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
button.primary:hover, button.download:hover { border-color: var(--ink); }
button:disabled, button.download:disabled, select:disabled { color: var(--soft); background: none; border-color: var(--rule); cursor: default; }
button.icon { min-width: 32px; padding: 0; font-size: 18px; line-height: 1; }
button.toggle[aria-pressed="true"] { color: var(--paper); background: var(--ink); border-color: var(--ink); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
output, .number, .state, .figure, .place { font-family: var(--mono); font-variant-numeric: tabular-nums; font-size: 13px; }
`;

const WELCOME = `
.desk { position: relative; min-height: 280px; }
.desk.empty > .toolbar, .desk.empty > .progress, .desk.empty > .sheets { display: none; }
.desk:not(.empty) > .welcome { display: none; }
.desk.busy > .welcome { display: none; }
.desk.over::after {
  content: ""; position: absolute; inset: 6px; pointer-events: none;
  border: 2px solid var(--accent); background: color-mix(in srgb, var(--accent) 8%, transparent);
}
.welcome {
  --mark: linear-gradient(var(--soft), var(--soft));
  display: grid; justify-items: center; align-content: center; gap: 4px;
  margin: clamp(16px, 4cqi, 40px); padding: clamp(36px, 8cqi, 84px) 16px; text-align: center;
  background:
    var(--mark) 0 14px / 10px 1px, var(--mark) 14px 0 / 1px 10px,
    var(--mark) 100% 14px / 10px 1px, var(--mark) calc(100% - 14px) 0 / 1px 10px,
    var(--mark) 0 calc(100% - 14px) / 10px 1px, var(--mark) 14px 100% / 1px 10px,
    var(--mark) 100% calc(100% - 14px) / 10px 1px, var(--mark) calc(100% - 14px) 100% / 1px 10px,
    linear-gradient(var(--sheet), var(--sheet)) 14px 14px / calc(100% - 28px) calc(100% - 28px);
  background-repeat: no-repeat;
}
.call, ::slotted([slot="empty"]) { margin: 0; font: 600 clamp(22px, 4cqi, 34px)/1.2 var(--serif); }
.hint { margin: 0; color: var(--soft); }
.choose { display: flex; flex-wrap: wrap; justify-content: center; gap: 8px; margin-top: 18px; }
.welcome .choose button { min-height: 42px; padding: 6px 22px; }
.photo { display: none; }
@media (any-pointer: coarse) { .photo { display: inline-block; } }
.choose.again { margin: 0; }
.again .primary { color: inherit; background: var(--sheet); border-color: var(--rule); }
.again .photo { display: none; }
.notice { margin: 0; padding: 0 14px; color: var(--soft); font-size: 14px; }
.notice:not(:empty) { padding-block: 6px; border-top: 1px solid var(--rule); }
.desk.empty { display: flex; flex-direction: column; }
.desk.empty > .notice { order: -1; border: 0; }
.notice.error:not(:empty) {
  margin: 14px; padding: 10px 14px; border: 0; border-left: 4px solid var(--accent);
  color: var(--ink); background: var(--sheet); font-size: 16px;
}
`;

const TOOLBAR = `
.toolbar, .progress, .actions { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; padding: 10px 14px; }
.toolbar { border-bottom: 1px solid var(--rule); }
.title { flex: 1 1 140px; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font: 600 17px var(--serif); }
.pager { display: none; align-items: center; gap: 6px; }
.several .pager { display: inline-flex; }
.search { display: flex; align-items: center; gap: 4px; }
.search input { width: 160px; }
.count:not(:empty) { min-width: 6ch; text-align: center; color: var(--soft); }
.zoom, .steps { display: inline-flex; gap: 4px; }
::slotted(button[slot="toolbar"]) { min-height: 32px; }
.progress { display: none; border-bottom: 1px solid var(--rule); }
.busy > .progress { display: flex; }
.progress progress { flex: 1 1 120px; height: 6px; appearance: none; border: 0; background: var(--rule); accent-color: var(--accent); }
progress::-webkit-progress-bar { background: var(--rule); }
progress::-webkit-progress-value { background: var(--accent); transition: width 0.2s; }
progress::-moz-progress-bar { background: var(--accent); }
progress:indeterminate { background: repeating-linear-gradient(90deg, var(--accent) 0 24px, var(--rule) 24px 48px); animation: run 1s linear infinite; }
@keyframes run { to { background-position: 48px 0; } }
@media (prefers-reduced-motion: reduce) { progress:indeterminate { animation: none; } }
.state { min-width: 0; overflow-wrap: anywhere; color: var(--soft); }
`;

const SHEETS = `
.sheets { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
.several .sheets { grid-template-columns: 124px minmax(0, 1.2fr) minmax(0, 1fr); }
.thumbnails { display: none; max-height: 76vh; padding: 14px; overflow: auto; border-right: 1px solid var(--rule); }
.several .thumbnails { display: block; }
.thumbnail { margin-bottom: 14px; cursor: pointer; }
.frame { display: block; overflow: hidden; background: var(--sheet); border: 1px solid var(--rule); }
.frame > * { display: block; width: 100%; height: 100%; }
.thumbnail[aria-selected="true"] .frame { outline: 2px solid var(--accent); outline-offset: 1px; }
.thumbnail.failed .frame { background: repeating-linear-gradient(45deg, var(--sheet) 0 6px, var(--rule) 6px 7px); }
.number { display: flex; justify-content: space-between; padding-top: 3px; font-size: 12px; }
.number .sure { color: var(--soft); }
.stage { max-height: 76vh; padding: clamp(8px, 2cqi, 24px); overflow: auto; }
.sheet { position: relative; width: calc(100% * var(--zoom, 1)); margin: 0 auto; overflow: hidden; background: var(--sheet);
  box-shadow: 0 0 0 1px var(--rule), 0 6px 18px rgb(0 0 0 / 12%); }
.paper { position: absolute; inset: 0; }
.picture { position: absolute; inset: 0; width: 100%; height: 100%; user-select: none; }
.layer { position: absolute; top: 0; left: 0; transform-origin: 0 0; }
.text { position: relative; line-height: 1; text-align: initial; }
.word { position: absolute; white-space: pre; color: transparent; transform-origin: 0 0; cursor: text; }
.text ::selection { color: transparent; background: color-mix(in srgb, #3b82c4 45%, transparent); }
.bare .word { color: #1e1a15; }
.sheet.bare { background: #fffdf8; }
.show-confidence .word.doubtful { background: rgb(214 150 0 / 30%); box-shadow: inset 0 -2px #8a6100; }
.show-confidence .word.poor { background: rgb(196 40 20 / 30%); box-shadow: inset 0 -4px #a8321a; }
.marks > *, .block { position: absolute; transform-origin: 0 0; }
.found { background: rgb(255 214 10 / 45%); mix-blend-mode: multiply; }
.found.current { background: rgb(255 122 0 / 55%); outline: 2px solid #a8321a; }
.blocks { display: none; }
.show-blocks .blocks { display: block; }
.block { border: 2px solid #8c8271; }
.block > span { position: absolute; bottom: 100%; left: -2px; padding: 1px 6px; color: #fff; background: #6b6252; font: 13px/1.4 var(--sans); white-space: nowrap; }
.block.title, .block.heading { border-color: #a8321a; } .block.title > span, .block.heading > span { background: #a8321a; }
.block.table { border-color: #1d6b52; } .block.table > span { background: #1d6b52; }
.block.formula, .block.inline-formula { border-color: #6a3d9a; } .block.formula > span { background: #6a3d9a; }
.block.figure, .block.chart { border-color: #2b5f9e; } .block.figure > span, .block.chart > span { background: #2b5f9e; }
.failed { padding: 16px; }
`;

const OUTPUT = `
.output { display: flex; flex-direction: column; max-height: 76vh; border-left: 1px solid var(--rule); background: var(--sheet); }
.tabs { display: flex; flex-wrap: wrap; border-bottom: 1px solid var(--rule); }
.tabs button { min-height: 40px; background: none; border: 0; border-bottom: 3px solid transparent; color: var(--soft); }
.tabs button:hover { color: var(--ink); }
.tabs button[aria-selected="true"] { color: var(--ink); border-bottom-color: var(--accent); }
.panel { flex: 1; min-height: 120px; padding: 14px 18px; overflow: auto; overflow-wrap: anywhere; }
.warnings { margin: 0; padding: 8px 18px 8px 34px; border-bottom: 1px solid var(--rule); color: var(--soft); font: 14px/1.4 var(--sans); }
.panel:focus-visible { outline-offset: -2px; }
.panel pre { margin: 0; white-space: pre-wrap; font: 13px/1.55 var(--mono); }
article { font: 17px/1.5 var(--serif); }
article :is(h3, h4, h5, h6) { margin: 0.9em 0 0.3em; font-size: 1.25em; line-height: 1.2; }
article :is(h4, h5, h6) { font-size: 1.08em; }
article > :first-child { margin-top: 0; }
article p { margin: 0 0 0.7em; }
article .caption, .nothing { color: var(--soft); font-style: italic; }
article .table { overflow: auto; margin: 0.8em 0; }
article table { border-collapse: collapse; font: 14px/1.4 var(--sans); }
article :is(td, th) { padding: 4px 10px; border: 1px solid var(--rule); text-align: start; vertical-align: top; overflow-wrap: normal; }
article th { background: var(--paper); }
article td.figure { text-align: end; }
.formula { padding: 8px 12px; background: var(--paper); border-left: 3px solid var(--accent); font: 14px/1.5 var(--mono); }
.actions { border-top: 1px solid var(--rule); }
.scope { margin-right: auto; display: inline-flex; align-items: center; gap: 6px; }
.scope input { width: 18px; height: 18px; accent-color: var(--accent); }
@container (width < 760px) {
  .sheets, .several .sheets { grid-template-columns: minmax(0, 1fr); }
  .thumbnails { border: 0; border-bottom: 1px solid var(--rule); }
  .several .thumbnails { display: flex; gap: 12px; }
  .thumbnail { flex: none; width: 68px; margin: 0; }
  .output { border-left: 0; border-top: 1px solid var(--rule); }
  .tabs button { flex: 1; padding: 3px 6px; }
  .search { flex: 1 1 100%; order: 9; }
  .search input { flex: 1; width: auto; min-width: 0; }
}
`;

const TEXT: string = COLOURS + CONTROLS + WELCOME + TOOLBAR + SHEETS + OUTPUT;

let sheet: CSSStyleSheet | undefined;

/** One sheet for all readers. A constructed one needs no permission of a Content-Security-Policy. */
export function addStyles(root: ShadowRoot): void {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(TEXT);
  }
  root.adoptedStyleSheets = [sheet];
}
