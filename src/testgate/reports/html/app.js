// The toolbar, the address, the keyboard, and the start.

/** The part of the page that needs a script. */
class App {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    const every = Array.from({ length: model.size }, (_, test) => test);
    this.totals = tally(model, every);
    /** @type {State} */
    this.usual = {
      search: "",
      show: [],
      sort: "outcome",
      down: false,
      group: byCause(model, every).groups.length ? "cause" : "",
    };
    this.state = { ...this.usual };
    this.search = make("input", {
      type: "search",
      id: "search",
      placeholder: "Name, suite, machine, message",
      autocomplete: "off",
      spellcheck: "false",
    });
    this.said = make("p", { class: "said", role: "status" });
    this.chips = make("div", { class: "chips", role: "group", "aria-label": "Filter by result" });
    this.grouping = this._choice("group", "Group", [
      ["", "Not grouped"],
      ["suite", "By suite"],
      ["cause", "By cause"],
    ]);
    this.sorting = this._choice("sort", "Sort", this._orders());
    this.heads = make("div", { class: "heads", role: "row", "aria-rowindex": 1 });
    this.box = make("div", { class: "lines", role: "rowgroup" });
    this.grid = make(
      "div",
      { class: "grid", role: "treegrid", tabindex: 0, "aria-label": "Tests", id: "tests" },
      this.heads,
      this.box,
    );
    this.list = new List(model, this.box, () => this._opened());
    this.timeline = new Timeline(model, (test) => this.reveal(test));
    this.pending = 0;
    /** Whether the address names a test that this report doesn't have. */
    this.missing = false;
    this.empty = make("p", { class: "empty", hidden: true }, "No test matches. ");
    this.empty.append(button("Show all tests", {}, () => this._all()));
  }

  /** @returns {[string, string][]} */
  _orders() {
    /** @type {[string, string][]} */
    const orders = [
      ["outcome", "Failed first"],
      ["name", "Name"],
      ["suite", "Suite"],
      ["machine", "Machine"],
      ["-duration", "Longest first"],
    ];
    if (this.model.start !== null) orders.push(["start", "Start"]);
    return orders;
  }

  /**
   * @param {"group" | "sort"} name
   * @param {string} label
   * @param {[string, string][]} options
   */
  _choice(name, label, options) {
    const select = make("select", { id: name }, ...options.map(([value, text]) => make("option", { value }, text)));
    select.addEventListener("change", () => {
      if (name === "group") this.change({ group: select.value });
      else this.change({ sort: select.value.replace("-", ""), down: select.value.startsWith("-") });
    });
    return { select, label: make("label", { for: name, class: `choice ${name}` }, `${label} `, select) };
  }

  /** @param {HTMLElement} place */
  start(place) {
    const label = make(
      "label",
      { for: "search", class: "finder" },
      make("span", { class: "off" }, "Search tests"),
      this.search,
    );
    const clear = button("Clear filters", { class: "clear", hidden: true }, () =>
      this.change({ search: "", show: [] }),
    );
    this.clear = clear;
    const hint = make(
      "p",
      { class: "hint quiet" },
      make("kbd", {}, "/"),
      " search, ",
      make("kbd", {}, "↑"),
      " ",
      make("kbd", {}, "↓"),
      " move, ",
      make("kbd", {}, "Enter"),
      " open, ",
      make("kbd", {}, "Esc"),
      " close",
    );
    const tools = make("div", { class: "tools" }, label, this.chips, this.grouping.label, this.sorting.label, clear);
    const tests = make(
      "section",
      { class: "tests", "aria-labelledby": "tests-title" },
      make("h2", { id: "tests-title" }, "Tests"),
      tools,
      make("div", { class: "about" }, this.said, hint),
      this.grid,
      this.empty,
    );
    const calm = !["failed", "error", "not-run"].some((kind) => this.totals.has(kind));
    place.append(this.timeline.section(calm), tests);
    place.hidden = false;
    document.documentElement.classList.add("live");
    this.search.addEventListener("input", () => this._typed());
    document.addEventListener("keydown", (event) => this._key(event));
    window.addEventListener("hashchange", () => this._fromAddress());
    this._legend();
    this._fromAddress();
  }

  /** Makes the counts at the top filters. */
  _legend() {
    for (const entry of document.querySelectorAll("[data-filter]")) {
      const kind = entry instanceof HTMLElement ? (entry.dataset.filter ?? "") : "";
      if (!this.totals.has(kind)) continue;
      const inner = button("", { class: "plain", title: "Show these tests" }, () => {
        this.change({ show: [kind], search: "" });
        document.getElementById("tests-title")?.scrollIntoView();
      });
      inner.append(...entry.childNodes);
      entry.append(inner);
    }
  }

  /** Waits for the end of a burst of letters where there is much to search. */
  _typed() {
    clearTimeout(this.pending);
    const change = () => this.change({ search: this.search.value });
    if (this.model.size < 5000) change();
    else this.pending = window.setTimeout(change, 80);
  }

  /** @param {Partial<State>} changes */
  change(changes) {
    Object.assign(this.state, changes);
    this.missing = false;
    this.show();
    this._toAddress(this._openTest());
  }

  /** Drops search and filters from within the list. */
  _all() {
    this.change({ search: "", show: [] });
    this.grid.focus({ preventScroll: true });
  }

  /** Shows the state. */
  show() {
    const { lines, tests } = linesOf(this.model, this.state, (group) => this.list.openGroups.has(group));
    this.list.show(lines);
    this.grid.setAttribute("aria-rowcount", String(lines.length + 1));
    if (this.search.value !== this.state.search) this.search.value = this.state.search;
    this.grouping.select.value = this.state.group;
    this.sorting.select.value = (this.state.down ? "-" : "") + this.state.sort;
    const some = Boolean(this.state.search || this.state.show.length);
    if (this.clear) this.clear.hidden = !some;
    const found = some
      ? `${grouped(tests.length)} of ${counted(this.model.size, "test")}`
      : counted(this.model.size, "test");
    this.said.textContent = this.missing ? `${found}. The test of this link isn't in this report.` : found;
    this.empty.hidden = tests.length > 0;
    this._chips();
    this._heads();
  }

  _chips() {
    const focused = document.activeElement?.getAttribute("data-kind");
    this.chips.replaceChildren(
      ...KINDS.filter((kind) => this.totals.has(kind) || this.state.show.includes(kind)).map((kind) => {
        const on = this.state.show.includes(kind);
        const show = on ? this.state.show.filter((each) => each !== kind) : [...this.state.show, kind];
        const chip = button("", { class: `chip ${kind}`, "aria-pressed": String(on), "data-kind": kind }, () =>
          this.change({ show }),
        );
        const sign = SIGNS[kind];
        if (sign) chip.append(make("span", { "aria-hidden": "true", class: "sign" }, `${sign} `));
        chip.append(`${WORDS[kind] ?? kind} `, make("b", {}, grouped(this.totals.get(kind) ?? 0)));
        return chip;
      }),
    );
    const again = focused ? this.chips.querySelector(`[data-kind="${focused}"]`) : null;
    if (again instanceof HTMLElement) again.focus();
  }

  _heads() {
    const focused = document.activeElement?.getAttribute("data-sort");
    const columns = [
      ["outcome", "Result"],
      ["name", "Test"],
      ["suite", "Suite"],
      ["machine", "Machine"],
      ["duration", "Duration"],
    ];
    this.heads.replaceChildren(
      ...columns.map(([sort, label]) => {
        const on = this.state.sort === sort;
        const first = sort === "duration"; // the longest first
        const down = on ? !this.state.down : first;
        const arrow = on ? (this.state.down ? " ↓" : " ↑") : "";
        const head = button(label, { class: "plain", "data-sort": sort }, () => this.change({ sort, down }));
        head.append(make("span", { "aria-hidden": "true" }, arrow));
        const order = on ? (this.state.down ? "descending" : "ascending") : "none";
        return make("span", { role: "columnheader", "aria-sort": order, class: sort }, head);
      }),
    );
    const again = focused ? this.heads.querySelector(`[data-sort="${focused}"]`) : null;
    if (again instanceof HTMLElement) again.focus();
  }

  /** After a line was opened or closed. */
  _opened() {
    if (this.list.lines[this.list.active]?.group) this.show();
    this._toAddress(this._openTest());
  }

  /** The address of the test that the reader looks at, if it is open. */
  _openTest() {
    const line = this.list.lines[this.list.active];
    return line && !line.group && this.list.open.has(line.test) ? this.model.address(line.test) : "";
  }

  /** @param {string} test */
  _toAddress(test) {
    const fragment = toFragment(this.state, this.usual, test);
    try {
      history.replaceState(null, "", fragment ? `#${fragment}` : location.href.replace(/#.*/, ""));
    } catch {
      // in a frame without an origin of its own, the address stays as it is
    }
  }

  _fromAddress() {
    const { state, test } = fromFragment(location.hash, this.usual);
    this.state = state;
    const found = test ? this.model.find(test) : -1;
    this.missing = Boolean(test) && found < 0;
    this.show();
    if (found >= 0) this.reveal(found);
  }

  /** Opens a test, whatever hides it, and goes there. @param {number} test */
  reveal(test) {
    let place = this._place(test);
    if (place < 0 && this.state.group) {
      const { groups } =
        this.state.group === "cause"
          ? byCause(this.model, matching(this.model, this.state))
          : bySuite(this.model, matching(this.model, this.state));
      const group = groups.find((each) => each.tests.includes(test));
      if (group) this.list.openGroups.add(group.key);
      this.show();
      place = this._place(test);
    }
    if (place < 0) {
      this.state = { ...this.state, search: "", show: [], group: "" };
      this.show();
      place = this._place(test);
    }
    this.list.active = place;
    if (!this.list.open.has(test)) this.list.toggle(place);
    this.list.goTo(place);
    window.scrollTo(0, window.scrollY + this.box.getBoundingClientRect().top + this.list.top(place) - 120);
    this._toAddress(this.model.address(test));
  }

  /** @param {number} test */
  _place(test) {
    return this.list.lines.findIndex((line) => !line.group && line.test === test);
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    const typing = target === this.search;
    if (event.key === "/" && !typing) this._do(event, () => this.search.select());
    else if (event.key === "Escape") this._do(event, () => this._escape(typing));
    else if (typing && (event.key === "ArrowDown" || event.key === "Enter")) this._do(event, () => this._move(0));
    else if (target === this.grid || target === document.body) this._gridKey(event);
  }

  /** @param {KeyboardEvent} event */
  _gridKey(event) {
    const { list } = this;
    const page = Math.max(1, Math.floor(window.innerHeight / list.height) - 4);
    /** @type {Record<string, () => void>} */
    const acts = {
      ArrowDown: () => this._move(list.active + 1),
      ArrowUp: () => (list.active <= 0 ? this.search.focus() : this._move(list.active - 1)),
      Enter: () => list.toggle(list.active),
      " ": () => list.toggle(list.active),
      ArrowRight: () => this._toggleIf(false),
      ArrowLeft: () => this._toggleIf(true),
    };
    if (event.target === this.grid) {
      acts.Home = () => this._move(0);
      acts.End = () => this._move(list.lines.length - 1);
      acts.PageDown = () => this._move(list.active + page);
      acts.PageUp = () => this._move(Math.max(0, list.active - page));
    } else {
      delete acts[" "]; // scrolls the page
    }
    const act = acts[event.key];
    if (act) this._do(event, act);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {() => void} act
   */
  _do(event, act) {
    event.preventDefault();
    act();
  }

  /** @param {number} place */
  _move(place) {
    this.grid.focus({ preventScroll: true });
    this.list.goTo(place);
  }

  /** @param {boolean} open */
  _toggleIf(open) {
    const line = this.list.lines[this.list.active];
    const isOpen = line?.group ? this.list.openGroups.has(line.group.key) : this.list.open.has(line?.test ?? -1);
    if (line && isOpen === open) this.list.toggle(this.list.active);
  }

  /** Closes what is open: the search, then a test. @param {boolean} typing */
  _escape(typing) {
    const line = this.list.lines[this.list.active];
    if (typing && this.search.value) this.change({ search: "" });
    else if (line && !line.group && this.list.open.has(line.test)) this.list.toggle(this.list.active);
    else if (this.list.open.size) {
      this.list.open.clear();
      this.show();
      this._toAddress("");
    } else if (this.state.show.length || this.state.search) this.change({ show: [], search: "" });
    if (typing) this._move(Math.max(0, this.list.active));
  }
}

/** Replaces the plain page by the live one, if the style arrived too. If anything fails, the plain page stays. */
function begin() {
  for (const element of document.querySelectorAll("time"))
    element.textContent = new Date(element.dateTime).toLocaleString();
  window.addEventListener("beforeprint", () => {
    for (const element of document.querySelectorAll("#failures details")) element.setAttribute("open", "");
  });
  const styled = getComputedStyle(document.documentElement).getPropertyValue("--styled").trim() === "yes";
  const place = document.getElementById("app");
  if (!styled || !place) return;
  /** @type {Data} */
  const data = JSON.parse(document.getElementById("data")?.textContent ?? "");
  if (!data.rows.length) return;
  try {
    new App(new Model(data)).start(place);
  } catch (problem) {
    place.replaceChildren();
    document.documentElement.classList.remove("live");
    throw problem;
  }
}

begin();
