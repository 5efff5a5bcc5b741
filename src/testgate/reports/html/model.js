// The tests, as rows.py writes them.

/**
 * What only some tests have: message, word, case, step, quarantine, video, several data sets, earlier attempts, marks,
 * what earlier builds say.
 * @typedef {{m?: number, w?: number, c?: number, s?: number, q?: number, v?: number, i?: 1,
 *   e?: [number, number, number, number][], t?: string[], h?: number}} Rest
 * @typedef {{name: string, tests: number, id: string, pages: Record<string, string>}} Run
 * @typedef {[number, number, number?, number?, number?, number?, Rest?]} Row
 * @typedef {{runs: Run[], start: number | null, rows: Row[], texts: string[], messages: [string, number][]}} Data
 */

/** The outcomes in the order of their numbers in a row. */
const OUTCOMES = ["passed", "skipped", "not-run", "error", "failed"];
/** @type {Record<string, string>} */
const WORDS = { passed: "passed", skipped: "skipped", "not-run": "not run", error: "error", failed: "failed" };
/** @type {Record<string, string>} */
const SIGNS = { passed: "✓", skipped: "–", "not-run": "○", error: "!", failed: "✗" };
const PASSED = 0;
const SKIPPED = 1;
/** @type {Rest} */
const NOTHING = Object.freeze({});

/** All tests, by their number in the file. */
class Model {
  /** @param {Data} data */
  constructor(data) {
    this.runs = data.runs;
    this.start = data.start;
    this.texts = data.texts;
    this.messages = data.messages;
    this.rows = data.rows;
    this.size = data.rows.length;
    this.runOf = new Uint32Array(this.size);
    let first = 0;
    data.runs.forEach((run, place) => {
      this.runOf.fill(place, first, first + run.tests);
      first += run.tests;
    });
    /** What a search looks at: each text once. */
    this.lowered = data.texts.map((text) => text.toLowerCase());
    this.loweredMessages = data.messages.map(([text]) => text.toLowerCase());
    this.loweredRuns = data.runs.map((run) => run.name.toLowerCase());
    /** @type {Uint32Array | null} */
    this._ranks = null;
    /** @type {Map<string, number> | null} */
    this._places = null;
    /** @type {string[]} */
    this._ids = [];
  }

  /** @param {number} test */
  name(test) {
    return this.texts[this.rows[test][0]];
  }

  /** @param {number} test */
  outcome(test) {
    return this.rows[test][1];
  }

  /** @param {number} test */
  suite(test) {
    return this.texts[this.rows[test][2] ?? 0];
  }

  /** @param {number} test */
  machine(test) {
    return this.texts[this.rows[test][3] ?? 0];
  }

  /** Milliseconds; 0 if unknown. @param {number} test */
  spent(test) {
    return this.rows[test][4] ?? 0;
  }

  /** Milliseconds after the first test's start; -1 if unknown. @param {number} test */
  begun(test) {
    return this.rows[test][5] ?? -1;
  }

  /** @param {number} test */
  rest(test) {
    return this.rows[test][6] ?? NOTHING;
  }

  /** @param {number} test */
  marks(test) {
    return this.rest(test).t ?? [];
  }

  /** @param {number} test */
  run(test) {
    return this.runs[this.runOf[test]];
  }

  /** The message; "" if there is none. @param {number} test */
  message(test) {
    const place = this.rest(test).m;
    return place === undefined ? "" : this.messages[place][0];
  }

  /** The number of the cause of a failure; -1 if there is none. @param {number} test */
  cause(test) {
    const place = this.rest(test).m;
    const bad = this.outcome(test) !== PASSED && this.outcome(test) !== SKIPPED;
    return bad && place !== undefined ? this.messages[place][1] : -1;
  }

  /** What comes first when the failed tests do. @param {number} test */
  gravity(test) {
    const outcome = this.outcome(test);
    const marks = this.rest(test).t;
    if (outcome === PASSED) return marks ? 12 : 13;
    if (outcome === SKIPPED) return 14;
    const excused = marks?.includes("quarantined") || marks?.includes("tolerated");
    return 4 - outcome + (marks?.includes("known") ? 3 : 0) + (excused ? 5 : 0);
  }

  /** The place of each text in alphabetical order, in which 10 follows 9. */
  get ranks() {
    if (!this._ranks) {
      const keys = this.lowered.map((text) => text.replace(/\d+/g, (digits) => digits.padStart(9, "0")));
      const order = Array.from(keys.keys()).sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : 0));
      this._ranks = new Uint32Array(order.length);
      for (let rank = 0; rank < order.length; rank += 1) this._ranks[order[rank]] = rank;
    }
    return this._ranks;
  }

  /** What names the test in an address, in this build's report and in the next one's. @param {number} test */
  address(test) {
    this._address();
    return this._ids[test];
  }

  /** The test with this name in an address; -1 if there is none. @param {string} address */
  find(address) {
    return this._address().get(address) ?? -1;
  }

  _address() {
    if (this._places) return this._places;
    /** @type {Map<string, number>} */
    const places = new Map();
    for (let test = 0; test < this.size; test += 1) {
      const parts = [this.run(test).name, this.suite(test), this.machine(test), this.name(test)];
      const id = hash(parts.join("\u001f"));
      let unique = id;
      for (let copy = 2; places.has(unique); copy += 1) unique = `${id}.${copy}`;
      places.set(unique, test);
      this._ids.push(unique);
    }
    this._places = places;
    return places;
  }
}

/**
 * A short name for a text (FNV-1a, twice 32 bits).
 * @param {string} text
 */
function hash(text) {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let place = 0; place < text.length; place += 1) {
    low = Math.imul(low ^ text.charCodeAt(place), 0x01000193);
    high = Math.imul(high ^ text.charCodeAt(place), 0x85ebca6b);
  }
  return (low >>> 0).toString(36) + (high >>> 0).toString(36);
}
