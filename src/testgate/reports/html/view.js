// Which tests are shown, in which order, under which headings. No document: only the model and the state.

/**
 * What the reader asked for. `show` are outcomes and marks; none means all. `group` is "", "suite" or "cause".
 * @typedef {{search: string, show: string[], sort: string, down: boolean, group: string}} State
 * A heading and its tests.
 * @typedef {{key: string, title: string, tests: number[]}} Group
 * A line of the list: a heading, or a test (`inside` a heading or not).
 * @typedef {{group: Group | null, test: number, inside: boolean}} Line
 */

/** What can be filtered by, in this build's report or in another one's. */
const KINDS = [
  "failed",
  "error",
  "not-run",
  "passed",
  "skipped",
  "new",
  "known",
  "fixed",
  "flaky",
  "quarantined",
  "tolerated",
];
const ALIKE = 3; // so many failures with one cause are one line

/**
 * The tests that match search and filters, by number.
 * @param {Model} model
 * @param {State} state
 */
function matching(model, state) {
  const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.map((word) => ({
    texts: places(model.lowered, word),
    messages: places(model.loweredMessages, word),
    runs: places(model.loweredRuns, word),
  }));
  const shown = new Set(state.show);
  /** @type {number[]} */
  const tests = [];
  for (let test = 0; test < model.size; test += 1) {
    if (shown.size && !shown.has(OUTCOMES[model.outcome(test)]) && !model.marks(test).some((mark) => shown.has(mark)))
      continue;
    const row = model.rows[test];
    const rest = model.rest(test);
    const all = found.every(
      ({ texts, messages, runs }) =>
        texts[row[0]] ||
        texts[row[2] ?? 0] ||
        texts[row[3] ?? 0] ||
        texts[rest.s ?? 0] ||
        texts[rest.c ?? 0] ||
        (rest.m !== undefined && messages[rest.m]) ||
        runs[model.runOf[test]],
    );
    if (all) tests.push(test);
  }
  return tests;
}

/**
 * Which of the texts contain the word: 1 or 0 each.
 * @param {string[]} texts
 * @param {string} word
 */
function places(texts, word) {
  const found = new Uint8Array(texts.length);
  for (let place = 0; place < texts.length; place += 1) if (texts[place].includes(word)) found[place] = 1;
  return found;
}

/**
 * Sorts tests in place. Equal ones keep the order of the file.
 * @param {Model} model
 * @param {State} state
 * @param {number[]} tests
 */
function sortTests(model, state, tests) {
  const keys = new Float64Array(model.size);
  for (const test of tests) keys[test] = sortKey(model, state.sort, test);
  const sign = state.down ? -1 : 1;
  return tests.sort((a, b) => sign * (keys[a] - keys[b]) || a - b);
}

/**
 * @param {Model} model
 * @param {string} sort
 * @param {number} test
 */
function sortKey(model, sort, test) {
  const row = model.rows[test];
  if (sort === "name") return model.ranks[row[0]];
  if (sort === "suite") return model.ranks[row[2] ?? 0];
  if (sort === "machine") return model.ranks[row[3] ?? 0];
  if (sort === "duration") return model.spent(test);
  if (sort === "start") return model.begun(test) < 0 ? Infinity : model.begun(test);
  return model.gravity(test);
}

/**
 * The lines of the list.
 * @param {Model} model
 * @param {State} state
 * @param {(group: string) => boolean} isOpen
 * @returns {{lines: Line[], tests: number[]}}
 */
function linesOf(model, state, isOpen) {
  const tests = sortTests(model, state, matching(model, state));
  if (!state.group) return { lines: tests.map((test) => ({ group: null, test, inside: false })), tests };
  const { groups, alone } = state.group === "cause" ? byCause(model, tests) : bySuite(model, tests);
  if (state.sort === "outcome" && state.group === "cause") groups.sort((a, b) => b.tests.length - a.tests.length);
  /** @type {Line[]} */
  const lines = [];
  for (const group of groups) {
    lines.push({ group, test: -1, inside: false });
    if (isOpen(group.key)) for (const test of group.tests) lines.push({ group: null, test, inside: true });
  }
  for (const test of alone) lines.push({ group: null, test, inside: false });
  return { lines, tests };
}

/**
 * @param {Model} model
 * @param {number[]} tests
 */
function bySuite(model, tests) {
  /** @type {Map<string, Group>} */
  const groups = new Map();
  for (const test of tests) {
    const key = `${model.runs.length > 1 ? `${model.run(test).name} › ` : ""}${model.suite(test) || "No suite"}`;
    const group = groups.get(key) ?? { key: `suite ${key}`, title: key, tests: [] };
    groups.set(key, group);
    group.tests.push(test);
  }
  return { groups: [...groups.values()], alone: /** @type {number[]} */ ([]) };
}

/**
 * @param {Model} model
 * @param {number[]} tests
 */
function byCause(model, tests) {
  /** @type {Map<number, number[]>} */
  const causes = new Map();
  for (const test of tests) {
    const cause = model.cause(test);
    if (cause < 0) continue;
    const same = causes.get(cause);
    if (same) same.push(test);
    else causes.set(cause, [test]);
  }
  /** @type {Group[]} */
  const groups = [];
  for (const [cause, same] of causes) {
    if (same.length < ALIKE) continue;
    groups.push({ key: `cause ${cause}`, title: model.message(same[0]).split("\n", 1)[0].slice(0, 300), tests: same });
  }
  const alone = tests.filter((test) => (causes.get(model.cause(test))?.length ?? 0) < ALIKE);
  return { groups, alone };
}

/**
 * How many tests have each outcome and each mark, in the order of the filters.
 * @param {Model} model
 * @param {Iterable<number>} tests
 */
function tally(model, tests) {
  /** @type {Map<string, number>} */
  const counts = new Map(["failed", "error", "not-run", "passed", "skipped"].map((outcome) => [outcome, 0]));
  for (const test of tests) {
    for (const kind of [OUTCOMES[model.outcome(test)], ...model.marks(test)])
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return new Map([...counts].filter(([, count]) => count));
}

/**
 * The state as the fragment of an address; what is as usual is left out.
 * @param {State} state
 * @param {State} usual
 * @param {string} test the address of the open test
 */
function toFragment(state, usual, test) {
  const parts = new URLSearchParams();
  if (state.search) parts.set("q", state.search);
  if (state.show.length) parts.set("show", state.show.join(","));
  if (state.sort !== usual.sort || state.down !== usual.down) parts.set("sort", (state.down ? "-" : "") + state.sort);
  if (state.group !== usual.group) parts.set("group", state.group || "none");
  if (test) parts.set("test", test);
  return parts.toString();
}

/**
 * The state in a fragment. Whatever it contains, the result is a state: chats add a point or a bracket to a link.
 * @param {string} fragment
 * @param {State} usual
 * @returns {{state: State, test: string}}
 */
function fromFragment(fragment, usual) {
  const parts = new URLSearchParams(fragment.replace(/^#/, "").replaceAll("&amp;", "&"));
  const word = (/** @type {string} */ name) => (parts.get(name) ?? "").match(/^[\w,-]*/)?.[0] ?? "";
  const sort = word("sort");
  const bare = sort.replace(/^-/, "");
  const known = ["outcome", "name", "suite", "machine", "duration", "start"].includes(bare);
  const group = word("group");
  const state = {
    search: parts.get("q") ?? "",
    show: word("show")
      .split(",")
      .filter((kind) => KINDS.includes(kind)),
    sort: known ? bare : usual.sort,
    down: known ? sort.startsWith("-") : usual.down,
    group: group === "none" ? "" : ["suite", "cause"].includes(group) ? group : usual.group,
  };
  return { state, test: (parts.get("test") ?? "").match(/^[a-z0-9]+(\.\d+)?/)?.[0] ?? "" };
}
