// Where the time went: the tests of each machine from left to right.

const WIDTH = 1200;
const LANE = 12;
const LABEL = 18;
const MOST_LANES = 20;
const DEEP = 6; // rows of a machine whose tests overlap
const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 */
function draw(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/**
 * @typedef {{name: string, tests: number[], spent: number, rows: number[][]}} Lane
 * @typedef {{from: number, to: number, tests: number[]}} Bar
 */

/** The drawing, and the part of the time that it shows. */
class Timeline {
  /**
   * @param {Model} model
   * @param {(test: number) => void} chosen is called with a test that was clicked
   */
  constructor(model, chosen) {
    this.model = model;
    this.chosen = chosen;
    /** @type {number[]} */
    this.timed = [];
    for (let test = 0; test < model.size; test += 1) if (model.begun(test) >= 0) this.timed.push(test);
    this.end = this.timed.reduce((end, test) => Math.max(end, this._end(test)), 0);
    this.from = 0;
    this.to = this.end;
    this.all = false;
    this.picture = make("div", { class: "picture" });
    this.out = button("Show the whole time", { hidden: true }, () => this.zoom(0, this.end));
    this.said = make("p", { class: "quiet", "aria-live": "polite" });
    /** @type {{from: number, mark: Element} | null} */
    this.drag = null;
  }

  /**
   * The section of the page.
   * @param {boolean} open
   */
  section(open) {
    const section = make("section", { class: "timeline", "aria-labelledby": "timeline-title" });
    const title = make("h2", { id: "timeline-title" }, "Timeline");
    if (!this.timed.length || this.end <= 0) {
      const missing = "The platform doesn't say when each test started, so there is no timeline.";
      section.append(title, make("p", { class: "quiet" }, missing));
      return section;
    }
    const size = `${counted(this.timed.length, "test")} in ${duration(this.end)}`;
    const fold = make("details", { open }, make("summary", {}, title, make("span", { class: "quiet" }, size)));
    fold.addEventListener("toggle", () => this._fill(fold));
    section.append(fold);
    if (open) this._fill(fold);
    return section;
  }

  /**
   * Draws what is in the fold, once it is open.
   * @param {HTMLElement} fold
   */
  _fill(fold) {
    if (this.lanes) return;
    this.lanes = this._lanes();
    const nearer = button("Zoom in", {}, () => this._by(0.5, 0));
    const farther = button("Zoom out", {}, () => this._by(2, 0));
    const earlier = button("Earlier", {}, () => this._by(1, -0.5));
    const later = button("Later", {}, () => this._by(1, 0.5));
    const controls = make("div", { class: "controls" }, nearer, farther, earlier, later, this.out);
    if (this.lanes.length > MOST_LANES) {
      const more = button(`Show all ${this.lanes.length} machines`, {}, () => {
        this.all = true;
        more.remove();
        this.redraw();
      });
      controls.append(more);
    }
    fold.append(this._longest(), this.picture, controls, this.said);
    this.redraw();
  }

  /** @param {number} test */
  _end(test) {
    return this.model.begun(test) + Math.max(0, this.model.spent(test));
  }

  /** The machines, the busiest first, with their tests in rows in which no two overlap. */
  _lanes() {
    /** @type {Map<string, Lane>} */
    const lanes = new Map();
    for (const test of [...this.timed].sort((a, b) => this.model.begun(a) - this.model.begun(b))) {
      const machine = this.model.machine(test) || "machine not known";
      const name = this.model.runs.length > 1 ? `${this.model.run(test).name}: ${machine}` : machine;
      const lane = lanes.get(name) ?? { name, tests: [], spent: 0, rows: [] };
      lanes.set(name, lane);
      lane.tests.push(test);
      lane.spent += this.model.spent(test);
    }
    for (const lane of lanes.values()) this._layRows(lane);
    return [...lanes.values()].sort((a, b) => b.spent - a.spent);
  }

  /** @param {Lane} lane */
  _layRows(lane) {
    /** @type {number[]} */
    const ends = [];
    for (const test of lane.tests) {
      let row = ends.findIndex((end) => end <= this.model.begun(test));
      if (row < 0) row = Math.min(ends.length, DEEP - 1);
      lane.rows[row] ??= [];
      lane.rows[row].push(test);
      ends[row] = Math.max(ends[row] ?? 0, this._end(test));
    }
  }

  /** The longest tests, and the longest time in which nothing ran. */
  _longest() {
    const { model } = this;
    const longest = [...this.timed].sort((a, b) => model.spent(b) - model.spent(a)).slice(0, 3);
    const line = make("p", {}, "Longest: ");
    longest
      .filter((test) => model.spent(test) > 0)
      .forEach((test, place) => {
        const label = `${model.name(test)} (${duration(model.spent(test))})`;
        line.append(
          place ? ", " : "",
          button(label, { class: "plain" }, () => this.chosen(test)),
        );
      });
    const gap = this._gap();
    if (gap.to - gap.from >= Math.max(1000, this.end / 50)) {
      const share = duration(gap.to - gap.from);
      line.append(
        ". Nothing ran for ",
        button(share, { class: "plain" }, () => this.zoom(gap.from - 1000, gap.to + 1000)),
      );
      line.append(`, from ${clock(gap.from)} to ${clock(gap.to)}`);
    }
    line.append(".");
    return line;
  }

  _gap() {
    let busy = 0;
    let gap = { from: 0, to: 0 };
    for (const test of [...this.timed].sort((a, b) => this.model.begun(a) - this.model.begun(b))) {
      const begun = this.model.begun(test);
      if (begun - busy > gap.to - gap.from) gap = { from: busy, to: begun };
      busy = Math.max(busy, this._end(test));
    }
    return gap;
  }

  /**
   * Changes the width of the time that is shown, and moves it.
   * @param {number} factor
   * @param {number} shift in widths
   */
  _by(factor, shift) {
    const width = this.to - this.from;
    const middle = (this.from + this.to) / 2 + shift * width;
    this.zoom(middle - (width * factor) / 2, middle + (width * factor) / 2);
  }

  /**
   * Shows this part of the time, in milliseconds.
   * @param {number} from
   * @param {number} to
   */
  zoom(from, to) {
    const width = Math.min(this.end, Math.max(10, to - from));
    this.from = Math.max(0, Math.min(this.end - width, from));
    this.to = this.from + width;
    this.redraw();
  }

  redraw() {
    const lanes = (this.lanes ?? []).slice(0, this.all ? undefined : MOST_LANES);
    const whole = this.from <= 0 && this.to >= this.end;
    this.out.hidden = whole;
    this.said.textContent = whole
      ? "Drag across the picture to look closer; click a test to open it."
      : `From ${clock(this.from)} to ${clock(this.to)}.`;
    const height = lanes.reduce((sum, lane) => sum + LABEL + lane.rows.length * LANE + 4, LABEL);
    const picture = draw("svg", {
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: "img",
      "aria-label": `Tests over time, by machine: ${counted(lanes.length, "machine")}`,
      class: "lanes",
    });
    this._axis(picture, height);
    let top = LABEL;
    for (const lane of lanes) {
      const label = draw("text", { x: 2, y: top + 13, class: "label" });
      label.textContent = lane.name;
      picture.append(label);
      top += LABEL;
      for (const row of lane.rows) {
        for (const bar of this._bars(row)) picture.append(this._bar(bar, top));
        top += LANE;
      }
      top += 4;
    }
    this._dragging(picture, height);
    this.picture.replaceChildren(picture);
  }

  /** @param {number} moment */
  _x(moment) {
    return ((moment - this.from) / (this.to - this.from)) * WIDTH;
  }

  /**
   * Tests as bars; those that are too close to be told apart share one.
   * @param {number[]} row
   */
  _bars(row) {
    /** @type {Bar[]} */
    const bars = [];
    for (const test of row) {
      const from = this._x(this.model.begun(test));
      const to = Math.max(from + 2, this._x(this._end(test)) - 0.5);
      if (to < 0 || from > WIDTH) continue;
      const last = bars[bars.length - 1];
      if (last && from < last.to && (to - from <= 3 || from < last.from + 2)) {
        last.to = Math.max(last.to, to);
        last.tests.push(test);
      } else {
        bars.push({ from: Math.max(0, from), to: Math.min(WIDTH, to), tests: [test] });
      }
    }
    return bars;
  }

  /**
   * @param {Bar} bar
   * @param {number} top
   */
  _bar(bar, top) {
    const { model } = this;
    const worst = bar.tests.reduce((a, b) => (model.gravity(b) < model.gravity(a) ? b : a));
    const outcome = OUTCOMES[model.outcome(worst)];
    const shape = draw("rect", {
      x: bar.from.toFixed(1),
      y: top,
      width: Math.max(2, bar.to - bar.from).toFixed(1),
      height: LANE - 2,
      rx: 1,
      class: `bar ${outcome}`,
    });
    const title = draw("title", {});
    title.textContent =
      bar.tests.length > 1
        ? `${counted(bar.tests.length, "test")}; the worst: ${model.name(worst)}: ${WORDS[outcome]}`
        : `${model.name(worst)}: ${WORDS[outcome]}, ${duration(model.spent(worst))}`;
    shape.append(title);
    shape.addEventListener("click", () => this._choose(bar, worst));
    return shape;
  }

  /**
   * Opens a test, or looks closer at tests that share a bar.
   * @param {Bar} bar
   * @param {number} worst
   */
  _choose(bar, worst) {
    const from = Math.min(...bar.tests.slice(0, 1000).map((test) => this.model.begun(test)));
    const to = bar.tests.reduce((end, test) => Math.max(end, this._end(test)), 0);
    if (bar.tests.length === 1 || this.to - this.from <= 20) this.chosen(worst);
    else this.zoom(from - (to - from) * 0.1, to + (to - from) * 0.1);
  }

  /**
   * @param {Element} picture
   * @param {number} height
   */
  _axis(picture, height) {
    const step = stepOf(this.to - this.from);
    for (let moment = Math.ceil(this.from / step) * step; moment <= this.to; moment += step) {
      const x = this._x(moment);
      picture.append(draw("line", { x1: x, x2: x, y1: LABEL - 2, y2: height, class: "tick" }));
      const anchor = x < 20 ? "start" : x > WIDTH - 20 ? "end" : "middle";
      const label = draw("text", { x, y: 12, "text-anchor": anchor, class: "tick" });
      label.textContent = clock(moment, step);
      picture.append(label);
    }
  }

  /**
   * Dragging marks a part of the time, and shows it.
   * @param {Element} picture
   * @param {number} height
   */
  _dragging(picture, height) {
    if (!(picture instanceof SVGElement)) return;
    const at = (/** @type {PointerEvent} */ event) => {
      const box = picture.getBoundingClientRect();
      return (Math.max(0, Math.min(box.width, event.clientX - box.left)) / box.width) * WIDTH;
    };
    picture.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch" || event.button) return;
      this.drag = { from: at(event), mark: draw("rect", { y: 0, height, class: "mark", x: at(event), width: 0 }) };
    });
    picture.addEventListener("pointermove", (event) => {
      if (!this.drag) return;
      const now = at(event);
      const { from, mark } = this.drag;
      if (!mark.isConnected && Math.abs(now - from) > 4) {
        picture.append(mark);
        picture.setPointerCapture(event.pointerId);
      }
      mark.setAttribute("x", String(Math.min(from, now)));
      mark.setAttribute("width", String(Math.abs(now - from)));
    });
    const done = (/** @type {PointerEvent} */ event) => {
      const drag = this.drag;
      this.drag = null;
      if (!drag?.mark.isConnected) return;
      const [a, b] = [drag.from, at(event)].sort((x, y) => x - y);
      const scale = (this.to - this.from) / WIDTH;
      const from = this.from;
      setTimeout(() => this.zoom(from + a * scale, from + b * scale)); // after the click that ends the drag
    };
    picture.addEventListener("pointerup", done);
    picture.addEventListener("pointercancel", () => {
      this.drag?.mark.remove();
      this.drag = null;
    });
  }
}

/**
 * The distance of the ticks, so that they stand at round moments and are at most nine.
 * @param {number} width in milliseconds
 */
function stepOf(width) {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500];
  for (const seconds of [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600]) steps.push(seconds * 1000);
  return steps.find((step) => width / step <= 8) ?? Math.ceil(width / 8 / 3_600_000) * 3_600_000;
}

/**
 * A moment since the first test's start.
 * @param {number} milliseconds
 * @param {number} step what the moment is exact to
 */
function clock(milliseconds, step = 1000) {
  const seconds = Math.max(0, milliseconds) / 1000;
  const pad = (/** @type {number} */ value) => String(Math.floor(value)).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const part = step < 1000 ? `.${String(Math.round(milliseconds) % 1000).padStart(3, "0")}` : "";
  return `${hours ? `${hours}:${pad((seconds / 60) % 60)}` : Math.floor(seconds / 60)}:${pad(seconds % 60)}${part}`;
}
