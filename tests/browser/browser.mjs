// What the tests share: one Chromium, and pages of it that complain about nothing.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { after, before } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
export const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const PAGES = resolve(process.env.PAGES ?? "pages");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

let browser;

before(async () => {
  assert.ok(
    existsSync(CHROMIUM),
    `There is no Chromium at ${CHROMIUM}. Install it, or name it: CHROMIUM=/path/to/chromium`,
  );
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
});

after(() => browser?.close());

/** The address of a page that pages.py wrote. */
export function address(name, fragment = "") {
  return pathToFileURL(`${PAGES}/${name}.html`).href + (fragment && `#${fragment}`);
}

/**
 * Opens a page and does something with it. Whatever the page complains about, or asks of anybody, fails the test.
 * `bypassCSP` is for axe, which the page's policy would refuse.
 */
export async function using(name, act, { fragment = "", complaints = false, served = "", ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const heard = [];
  const asked = [];
  context.on("request", (request) => asked.push(request.url()));
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("console", (message) => heard.push(message.text()));
  page.on("pageerror", (problem) => heard.push(String(problem)));
  try {
    await page.goto(address(name, fragment));
    await act(page, heard);
    if (!complaints) assert.deepEqual(heard, []);
    const own = [address(name), "data:", ...(served ? [served] : [])];
    const elsewhere = asked.filter((url) => !own.some((start) => url.startsWith(start)));
    assert.deepEqual(elsewhere, []);
  } finally {
    await context.close();
  }
}

/** The names in the list, from the top. */
export function names(page) {
  return page.locator("#tests .row .name .title").allTextContents();
}

/** Waits until a condition on the page holds. */
export function until(page, condition, argument) {
  return page.waitForFunction(condition, argument);
}
