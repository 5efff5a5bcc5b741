// The list of tests. It draws the lines near the window, so 100 000 tests are as quick as 100.

const SPARE = 12; // lines drawn above and below the window

/** Draws lines, and moves among them. */
class List {
  /**
   * @param {Model} model
   * @param {HTMLElement} box the element that holds the lines
   * @param {() => void} changed is called after a line was opened or closed
   */
  constructor(model, box, changed) {
    this.model = model;
    this.box = box;
    this.changed = changed;
    /** @type {Line[]} */
    this.lines = [];
    /** Open tests, with the height of what they show. @type {Map<number, number>} */
    this.open = new Map();
    /** @type {Set<string>} */
    this.openGroups = new Set();
    this.active = -1;
    this.height = 40;
    /** Drawn lines by their key. @type {Map<string, HTMLElement>} */
    this.drawn = new Map();
    /** The open lines: place and additional height. @type {[number, number][]} */
    this.grown = [];
    this.waiting = false;
    this.sizes = new ResizeObserver((entries) => this._resized(entries));
    const later = () => this.redrawSoon();
    window.addEventListener("scroll", later, { passive: true });
    window.addEventListener("resize", later, { passive: true });
    box.addEventListener("click", (event) => this._clicked(event));
  }

  /** @param {Line[]} lines */
  show(lines) {
    const active = this.lines[this.active];
    this.lines = lines;
    this.active = active ? lines.findIndex((line) => keyOf(line) === keyOf(active)) : -1;
    for (const element of this.drawn.values()) element.remove();
    this.drawn.clear();
    this.sizes.disconnect();
    this.layOut();
  }

  /** Measures, and draws again. */
  layOut() {
    this.height = Number.parseInt(getComputedStyle(this.box).getPropertyValue("--line"), 10) || 40;
    this.grown = [];
    if (this.open.size) {
      this.lines.forEach((line, place) => {
        const height = line.group ? undefined : this.open.get(line.test);
        if (height !== undefined) this.grown.push([place, height]);
      });
    }
    const whole = this.grown.reduce((sum, [, height]) => sum + height, this.lines.length * this.height);
    this.box.style.height = `${whole}px`;
    this.redraw();
  }

  /** Where a line begins. @param {number} place */
  top(place) {
    let top = place * this.height;
    for (const [before, height] of this.grown) if (before < place) top += height;
    return top;
  }

  redrawSoon() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      const height = Number.parseInt(getComputedStyle(this.box).getPropertyValue("--line"), 10) || 40;
      if (height === this.height) this.redraw();
      else this.layOut();
    });
  }

  /** Draws what is in the window. */
  redraw() {
    const above = -this.box.getBoundingClientRect().top;
    const first = Math.max(0, this._at(above) - SPARE);
    const last = Math.min(this.lines.length, this._at(above + window.innerHeight) + SPARE);
    /** @type {Set<string>} */
    const wanted = new Set();
    /** @type {Element | null} */
    let next = this.box.firstElementChild;
    for (let place = first; place < last; place += 1) {
      const line = this.lines[place];
      const key = keyOf(line);
      wanted.add(key);
      let element = this.drawn.get(key);
      if (!element) {
        element = this._draw(line, place);
        this.drawn.set(key, element);
      }
      element.style.transform = `translateY(${this.top(place)}px)`;
      element.classList.toggle("active", place === this.active);
      if (element === next) next = next.nextElementSibling;
      else this.box.insertBefore(element, next);
    }
    for (const [key, element] of this.drawn) {
      if (wanted.has(key)) continue;
      this.sizes.unobserve(element);
      element.remove();
      this.drawn.delete(key);
    }
    const active = this.lines[this.active];
    const drawn = active && this.drawn.get(keyOf(active));
    const grid = this.box.parentElement;
    if (drawn) grid?.setAttribute("aria-activedescendant", drawn.id);
    else grid?.removeAttribute("aria-activedescendant");
  }

  /** The line at a distance from the top. @param {number} distance */
  _at(distance) {
    let low = 0;
    let high = this.lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.top(middle + 1) <= distance) low = middle + 1;
      else high = middle;
    }
    return Math.min(low, this.lines.length);
  }

  /**
   * @param {Line} line
   * @param {number} place
   */
  _draw(line, place) {
    const element = line.group ? this._heading(line.group) : this._test(line);
    element.id = `line-${keyOf(line).replace(/[^a-z0-9]/gi, "_")}-${place}`;
    element.dataset.key = keyOf(line);
    element.setAttribute("aria-rowindex", String(place + 2));
    return element;
  }

  /** @param {Group} group */
  _heading(group) {
    const open = this.openGroups.has(group.key);
    const counts = make("span", { class: "counts" });
    for (const [kind, count] of tally(this.model, group.tests)) {
      const shown = badge(kind);
      shown.append(` ${grouped(count)}`);
      counts.append(shown, " ");
    }
    const title = make(
      "span",
      { role: "gridcell", class: "title" },
      make("b", {}, counted(group.tests.length, "test")),
      ` ${group.title}`,
    );
    const cell = make("span", { role: "gridcell" }, counts);
    const line = make(
      "div",
      { class: "line", role: "none" },
      make("span", { class: "caret", "aria-hidden": "true" }),
      title,
      cell,
    );
    return make("div", { class: "row group", role: "row", "aria-level": 1, "aria-expanded": String(open) }, line);
  }

  /** @param {Line} shown */
  _test({ test, inside }) {
    const { model } = this;
    const outcome = OUTCOMES[model.outcome(test)];
    const open = this.open.has(test);
    const state = make("span", { role: "gridcell", class: "state" }, badge(outcome));
    for (const mark of model.marks(test)) state.append(" ", badge(mark));
    const first = outcome === "passed" ? "" : model.message(test).split("\n", 1)[0].slice(0, 200);
    const name = make(
      "span",
      { role: "gridcell", class: "name" },
      make("span", { class: "title" }, model.name(test)),
      first ? make("span", { class: "first" }, first) : null,
    );
    const line = make(
      "div",
      { class: "line", role: "none" },
      make("span", { class: "caret", "aria-hidden": "true" }),
      state,
      name,
      make("span", { role: "gridcell", class: "suite" }, model.suite(test)),
      make("span", { role: "gridcell", class: "machine" }, model.machine(test)),
      make("span", { role: "gridcell", class: "spent" }, duration(model.spent(test))),
    );
    const element = make(
      "div",
      {
        class: inside ? "row inside" : "row",
        role: "row",
        "aria-level": inside ? 2 : 1,
        "aria-expanded": String(open),
      },
      line,
    );
    if (open) {
      const cell = make("div", { role: "gridcell", "aria-colspan": 5, class: "cell" }, details(model, test));
      element.append(cell);
      this.sizes.observe(element);
    }
    return element;
  }

  /** @param {ResizeObserverEntry[]} entries */
  _resized(entries) {
    let changed = false;
    for (const { target } of entries) {
      if (!(target instanceof HTMLElement) || !target.isConnected) continue;
      const test = Number((target.dataset.key ?? "").slice(1));
      const height = Math.max(0, target.offsetHeight - this.height);
      if (this.open.has(test) && this.open.get(test) !== height) {
        this.open.set(test, height);
        changed = true;
      }
    }
    if (changed) this.layOut();
  }

  /** @param {MouseEvent} event */
  _clicked(event) {
    const target = event.target instanceof Element ? event.target : null;
    const line = target?.closest(".line");
    const row = target?.closest(".row");
    if (!line || !(row instanceof HTMLElement) || String(getSelection())) return;
    const place = this.lines.findIndex((each) => keyOf(each) === row.dataset.key);
    this.active = place;
    this.toggle(place);
  }

  /** Opens or closes a line. @param {number} place */
  toggle(place) {
    const line = this.lines[place];
    if (!line) return;
    if (line.group) {
      if (!this.openGroups.delete(line.group.key)) this.openGroups.add(line.group.key);
    } else if (!this.open.delete(line.test)) {
      this.open.set(line.test, 0);
    }
    const key = keyOf(line);
    this.drawn.get(key)?.remove();
    this.drawn.delete(key);
    if (!line.group) this.layOut();
    this.changed();
  }

  /** Moves to a line, and brings it into view. @param {number} place */
  goTo(place) {
    if (!this.lines.length) return;
    this.active = Math.max(0, Math.min(this.lines.length - 1, place));
    const box = this.box.getBoundingClientRect();
    const top = box.top + this.top(this.active);
    const bars = this.box.parentElement?.querySelector(".heads")?.getBoundingClientRect().bottom ?? 0;
    if (top < bars) window.scrollBy(0, top - bars - this.height);
    else if (top + this.height > window.innerHeight) window.scrollBy(0, top + 2 * this.height - window.innerHeight);
    this.redraw();
  }
}

/**
 * What tells a line from the others.
 * @param {Line} line
 */
function keyOf(line) {
  return line.group ? `g${line.group.key}` : `t${line.test}`;
}
