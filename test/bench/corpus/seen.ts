/** The half of the templates on which rules may be written. */
import {
  block,
  bullets,
  columns,
  figure,
  heading,
  numbers,
  para,
  sheet,
  table,
  type Template,
  title,
} from "./parts.ts";
import { PLACES, type Seeded, THINGS } from "./seeded.ts";

const many = (r: Seeded, count: number, from: number = 3, to: number = 6): string =>
  r.list(count, () => para(r, from, to)).join("");

export const SEEN: readonly Template[] = [
  {
    kind: "article",
    html: (r) =>
      sheet(
        title(r.title(3, 7)) +
          r.list(4, (i) => heading(`${i + 1}. ${r.title(2, 4)}`) + many(r, 2)).join("") +
          bullets(r, 4),
        "padding:70px 80px",
      ),
  },
  {
    kind: "report",
    html: (r) =>
      sheet(
        block(
          "header",
          r.title(3, 5),
          "font-size:11px;border-bottom:1px solid #333;margin-bottom:26px",
        ) +
          heading(r.title(2, 4)) +
          many(r, 2) +
          block(
            "caption",
            `Table ${r.int(1, 9)}. ${r.title(3, 6)}`,
            "margin:8px 0 4px;font-size:12px",
          ) +
          table(
            numbers(r, r.int(4, 8), r.int(3, 5)),
            "width:100%;margin-bottom:16px",
            "border:1px solid #444",
          ) +
          many(r, 3) +
          heading(r.title(2, 4)) +
          many(r, 2) +
          block(
            "page-number",
            String(r.int(2, 99)),
            "position:absolute;top:1060px;left:390px;font-size:11px",
          ),
        'padding:50px 80px;font-family:"Liberation Sans"',
      ),
  },
  {
    kind: "letter",
    html: (r) =>
      sheet(
        block(
          "text",
          [r.name(), `${r.int(1, 99)} Willow Street`, r.pick(PLACES)].join("<br>"),
          "margin-bottom:40px",
        ) +
          block("text", r.date(), "text-align:right;margin-bottom:30px") +
          block("text", `Dear ${r.name()},`, "margin-bottom:14px") +
          many(r, r.int(3, 5)) +
          block("text", "Yours faithfully,", "margin:24px 0") +
          block("text", r.name()),
        "padding:90px 100px;font-size:15px",
      ),
  },
  {
    kind: "invoice",
    html: (r) => {
      const lines = r.list(r.int(3, 6), () => [
        r.pick(THINGS) + ", " + r.words(2),
        String(r.int(1, 500)),
        r.amount(),
        r.amount(),
      ]);
      return sheet(
        `<div style="display:flex;justify-content:space-between">${title(r.title(2, 3))}${heading("INVOICE", "font-size:24px;margin:0")}</div>` +
          `<div style="display:flex;justify-content:space-between;margin:24px 0">${block("text", ["Billed to", r.name(), `${r.int(1, 99)} Willow Street`, r.pick(PLACES)].join("<br>"))}${block("text", ["Invoice number", `HL-${r.int(1000, 9999)}`, "Date", r.date()].join("<br>"), "width:200px")}</div>` +
          table(
            [
              ["Description", "Quantity", "Price", "Amount"],
              ...lines,
              ["", "", "VAT 20%", r.amount()],
              ["", "", "Total", r.amount()],
            ],
            "width:100%",
            "border-bottom:1px solid #bbb;padding:8px",
          ) +
          block("text", "Please pay within 30 days. Thank you for your order!", "margin-top:30px"),
        'padding:60px;font-family:"Liberation Sans"',
      );
    },
  },
  {
    kind: "two columns",
    html: (r) =>
      sheet(
        title(r.title(5, 9), "text-align:center") +
          block("text", `${r.name()}, ${r.name()}`, "text-align:center;margin-bottom:18px") +
          columns(
            2,
            r
              .list(
                4,
                (i) =>
                  heading(`${i + 1} ${r.title(2, 4)}`) +
                  many(r, 2) +
                  (i === 1
                    ? figure(r, 160) +
                      block(
                        "caption",
                        `Figure 1. ${r.title(4, 8)}.`,
                        "font-size:11px;margin:6px 0 12px",
                      )
                    : ""),
              )
              .join(""),
            "height:860px;text-align:justify",
          ),
        "padding:60px;font-size:13px",
      ),
  },
  {
    kind: "form",
    html: (r) =>
      sheet(
        title("Application for " + r.words(2)) +
          ["Surname:", "First name:", "Street:", "Town:", "Date of birth:", "Telephone:"]
            .map((label) =>
              block(
                "text",
                `<span style="display:inline-block;width:180px">${label}</span><span style="border-bottom:1px solid #777;display:inline-block;width:380px">${r.pick([r.name(), r.date(), r.pick(PLACES)])}</span>`,
                "margin:14px 0",
              ),
            )
            .join("") +
          heading("Declaration") +
          many(r, 2),
        'padding:70px;font-family:"Liberation Sans"',
      ),
  },
  {
    kind: "exam",
    html: (r) =>
      sheet(
        title(`${r.title(1, 2)} test`) +
          r
            .list(
              5,
              (i) =>
                block("text", `${i + 1}. ${r.title(8, 20)}?`, "margin:12px 0 4px") +
                block(
                  "list",
                  r.list(4, (k) => `<div>${"ABCD"[k]}) ${r.words(r.int(1, 4))}</div>`).join(""),
                  "padding-left:24px",
                ) +
                '<hr style="border:0;border-top:1px solid #999">',
            )
            .join(""),
        "padding:70px 80px",
      ),
  },
  {
    kind: "newspaper",
    html: (r) =>
      sheet(
        title(
          r.title(2, 3),
          "text-align:center;font-size:44px;border-bottom:2px solid #000;padding-bottom:8px",
        ) +
          columns(
            r.int(3, 4),
            r
              .list(4, () => heading(r.title(4, 7), "font-size:20px;line-height:1.15") + many(r, 3))
              .join(""),
            "height:900px;column-rule:1px solid #555;font-size:12px;text-align:justify;column-gap:20px",
          ),
        "padding:36px",
      ),
  },
  {
    kind: "open table",
    html: (r) =>
      sheet(
        heading(r.title(2, 4)) +
          many(r, 2) +
          table(numbers(r, r.int(6, 12), r.int(4, 6)), "margin:14px 0;width:100%") +
          many(r, 2) +
          table(
            numbers(r, r.int(4, 7), 3),
            "margin:14px 0;border-top:2px solid #000;border-bottom:2px solid #000",
          ) +
          many(r, 1),
        "padding:80px",
      ),
  },
];
