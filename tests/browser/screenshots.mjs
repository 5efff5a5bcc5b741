// Writes the pictures of README and docs: `node screenshots.mjs FOLDER`.
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const pages = resolve(process.env.PAGES ?? "pages");
const folder = resolve(process.argv[2]);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});

/** Opens a page, prepares it, and takes its picture. */
async function picture(name, source, prepare, options) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 760 }, ...options });
  const page = await context.newPage();
  await page.goto(pathToFileURL(`${pages}/${source}.html`).href);
  await prepare(page);
  await page.waitForTimeout(300); // the end of what moves
  await page.screenshot({ path: `${folder}/${name}.png` });
  await context.close();
}

mkdirSync(folder, { recursive: true });
await picture("report", "demo-failing", (page) => page.locator("#tests .row .line").first().click());
await picture("report-timeline", "demo-flaky", (page) => page.locator(".lanes").waitFor(), { colorScheme: "dark" });
await picture("summary", "demo-failing-summary", (page) => page.locator("summary").first().click());
await browser.close();
