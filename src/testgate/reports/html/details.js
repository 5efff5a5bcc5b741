// What a test shows when it is opened.

/**
 * Everything that is known of a test.
 * @param {Model} model
 * @param {number} test
 */
function details(model, test) {
  const rest = model.rest(test);
  const text = (/** @type {number | undefined} */ place) => model.texts[place ?? 0];
  const panel = make("div", { class: "details" });
  if (rest.s) panel.append(make("p", {}, make("b", {}, "Failing step: "), text(rest.s)));
  if (rest.q) panel.append(make("p", {}, make("b", {}, "Quarantined: "), text(rest.q)));
  if (rest.h) panel.append(make("p", {}, make("b", {}, "Earlier builds: "), text(rest.h)));
  const attempts = attemptsOf(model, test);
  if (attempts.length > 1) {
    const row = make("div", { class: "attempts" });
    for (const [place, attempt] of attempts.entries())
      row.append(attemptPanel(attempt, `${place + 1} of ${attempts.length}`));
    panel.append(row);
  } else {
    panel.append(messageOf(attempts[0].message, attempts[0].outcome, text(rest.w)));
  }
  panel.append(facts(model, test));
  return panel;
}

/**
 * @typedef {{outcome: number, message: string, spent: number, run: string, page: string}} Tried
 * @param {Model} model
 * @param {number} test
 * @returns {Tried[]}
 */
function attemptsOf(model, test) {
  const { pages, id } = model.run(test);
  const earlier = (model.rest(test).e ?? []).map(([outcome, message, spent, place]) => {
    const run = model.texts[place];
    return { outcome, message: message < 0 ? "" : model.messages[message][0], spent, run, page: pages[run] ?? "" };
  });
  const run = earlier.length ? "" : id;
  const last = {
    outcome: model.outcome(test),
    message: model.message(test),
    spent: model.spent(test),
    run,
    page: pages[run] ?? "",
  };
  return [...earlier, last];
}

/**
 * One of several attempts, beside the others.
 * @param {Tried} attempt
 * @param {string} number
 */
function attemptPanel(attempt, number) {
  const outcome = OUTCOMES[attempt.outcome];
  const where = attempt.page ? linkTo(`run ${attempt.run}`, attempt.page) : attempt.run ? `run ${attempt.run}` : null;
  return make(
    "section",
    { class: `attempt ${outcome}` },
    make("h3", {}, `Attempt ${number}: `, badge(outcome), " ", make("small", {}, duration(attempt.spent), " ", where)),
    messageOf(attempt.message, attempt.outcome, ""),
  );
}

/**
 * A message with a button that copies it, or why there is none.
 * @param {string} message
 * @param {number} outcome
 * @param {string} word the platform's own word for the outcome
 */
function messageOf(message, outcome, word) {
  if (!message) {
    const missing =
      outcome === PASSED
        ? "It passed."
        : word
          ? `The platform reported ${word} without a message.`
          : "The platform gave no message.";
    return make("p", { class: "quiet" }, missing);
  }
  const copier = button("Copy message", { class: "copy" }, () => void copy(copier, message));
  return make("div", { class: "message" }, make("pre", {}, message), copier);
}

/**
 * Where and when the test ran, and its links.
 * @param {Model} model
 * @param {number} test
 */
function facts(model, test) {
  const rest = model.rest(test);
  const run = model.run(test);
  const page = run.pages[run.id];
  const list = make("dl", { class: "facts" });
  const add = (/** @type {string} */ name, /** @type {string | Node | null} */ value) => {
    if (value) list.append(make("div", {}, make("dt", {}, name), make("dd", {}, value)));
  };
  add("Suite", model.suite(test));
  add("Machine", model.machine(test));
  add("Duration", duration(model.spent(test)));
  if (model.start !== null && model.begun(test) >= 0) {
    add("Started", new Date(model.start + model.begun(test)).toLocaleString());
  }
  add("Platform's word", model.texts[rest.w ?? 0]);
  add("Test case", model.texts[rest.c ?? 0]);
  add("Data", rest.i ? "several data sets" : null);
  add("Run", page ? linkTo(`${run.name} (${run.id})`, page) : run.name);
  if (rest.v) add("Video", linkTo("Watch the video", model.texts[rest.v]));
  const address = () => `${location.href.replace(/#.*/, "")}#test=${model.address(test)}`;
  const copier = button("Copy link to this test", { class: "copy" }, () => void copy(copier, address()));
  return make("div", {}, list, make("div", { class: "action" }, copier));
}

/**
 * An outcome or a mark, as a sign and a word: colour alone says nothing.
 * @param {string} kind
 */
function badge(kind) {
  const sign = SIGNS[kind];
  return make(
    "span",
    { class: `badge ${kind}` },
    sign ? make("span", { "aria-hidden": "true" }, `${sign} `) : null,
    WORDS[kind] ?? kind,
  );
}
