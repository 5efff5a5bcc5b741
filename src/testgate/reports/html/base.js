// What all parts of the page use: elements, numbers and durations. The files are one script, in the order of page.py.

/**
 * Makes an element. Text is never read as markup.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | null>} attributes null and false leave one out
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

/**
 * A button that does something.
 * @param {string} label
 * @param {Record<string, string | number | boolean | null>} attributes
 * @param {() => void} act
 */
function button(label, attributes, act) {
  const element = make("button", { type: "button", ...attributes }, label);
  element.addEventListener("click", (event) => {
    event.stopPropagation();
    act();
  });
  return element;
}

/**
 * A link to a web address, which opens beside the report.
 * @param {string} label
 * @param {string} address
 */
function linkTo(label, address) {
  return make("a", { href: address, target: "_blank", rel: "noreferrer noopener" }, label);
}

/**
 * A number with no-break spaces between thousands.
 * @param {number} value
 */
function grouped(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
}

/**
 * A number with its noun.
 * @param {number} value
 * @param {string} noun
 */
function counted(value, noun) {
  return `${grouped(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/**
 * A duration for people; "" if there is none.
 * @param {number} milliseconds
 */
function duration(milliseconds) {
  if (milliseconds <= 0) return "";
  if (milliseconds < 100) return `${milliseconds} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const minutes = Math.floor(milliseconds / 60_000);
  const pad = (/** @type {number} */ value) => String(value).padStart(2, "0");
  if (minutes < 60) return `${minutes} min ${pad(Math.floor(milliseconds / 1000) % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/**
 * Puts text in the clipboard, and says on the button whether that worked.
 * @param {HTMLButtonElement} clicked
 * @param {string} text
 */
async function copy(clicked, text) {
  const label = clicked.textContent;
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch {
    done = copyTheOldWay(text); // in a frame or without https, browsers offer nothing else
  }
  clicked.textContent = done ? "Copied" : "Couldn't copy";
  setTimeout(() => {
    clicked.textContent = label;
  }, 1500);
}

/**
 * Copies by way of a selection.
 * @param {string} text
 */
function copyTheOldWay(text) {
  const focused = document.activeElement;
  const area = make("textarea", { class: "off", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}
