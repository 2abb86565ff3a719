// Saves each mark of a session as it is pressed. What cannot be sent waits on the device and is sent again.
const TRY_AGAIN = [1, 2, 5, 10, 30]; // seconds
const PATIENCE = 15_000; // milliseconds

for (const form of document.querySelectorAll("form[data-waiting]")) saveMarks(form);

function saveMarks(form) {
  const bar = form.querySelector(".save-bar");
  const status = bar.querySelector("[role=status]");
  const rows = new Map([...form.querySelectorAll("[data-person]")].map((row) => [row.dataset.person, row]));
  const waiting = storedMarks(form.dataset.waiting);
  let savedAt = form.dataset.savedAt;
  let trouble = "";
  let isFinal = false;
  let isSending = false;
  let failures = 0;
  let timer;

  form.addEventListener("change", ({ target }) => {
    if (target.type === "radio") press(target.closest("[data-person]"), target.value);
  });
  document.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    event.preventDefault();
    for (const row of rows.values()) {
      if (event.submitter?.name === "rest" && !row.querySelector(":checked")) choose(row, "present");
      const mark = row.querySelector(":checked")?.value;
      if (mark && mark !== row.dataset.seen && !waiting.has(row.dataset.person)) hold(row, mark);
    }
    send();
  });
  bar.querySelector("[name=discard]").addEventListener("click", () => {
    for (const person of [...waiting.keys()]) waiting.delete(person);
    location.reload();
  });
  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => document.hidden || send());
  window.addEventListener("beforeunload", (event) => waiting.size && !isFinal && event.preventDefault());

  for (const [person, { mark }] of waiting) if (rows.has(person)) choose(rows.get(person), mark);
  show();
  send();

  function press(row, mark) {
    refuse(row, "");
    hold(row, mark);
    send();
  }

  // A mark sent whose answer was lost may be the stored one: it is no one else's change.
  function hold(row, mark) {
    const before = waiting.get(row.dataset.person);
    const seen = before ? [...before.seen, before.mark] : [row.dataset.seen];
    waiting.set(row.dataset.person, { mark, seen: [...new Set(seen)] });
  }

  async function send() {
    show();
    if (isSending || !waiting.size) return;
    isSending = true;
    clearTimeout(timer);
    const batch = new Map(waiting);
    const again = await post(batch).catch(() => {
      trouble = bar.dataset.offline;
      return true;
    });
    isSending = false;
    failures = again ? failures + 1 : 0;
    if (again) timer = setTimeout(send, 1000 * TRY_AGAIN[Math.min(failures, TRY_AGAIN.length) - 1]);
    else if (waiting.size && !trouble) return send();
    show();
  }

  // Whether to try again.
  async function post(batch) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    for (const [person, { mark, seen }] of batch) body.set(`mark-${person}-${seen.join(".")}`, mark);
    const answer = await fetch(form.action, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      redirect: "manual", // to the sign-in page
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.ok) {
      settle(batch, await answer.json());
      return false;
    }
    if (answer.status >= 500 || answer.status === 429) throw new Error(answer.status);
    isFinal = answer.status === 409;
    trouble = isFinal ? (await answer.json()).error : bar.dataset.signIn;
    return false;
  }

  function settle(batch, { marks, refused, saved_at }) {
    trouble = "";
    isFinal = false;
    savedAt = saved_at;
    for (const [person, { mark }] of batch) if (waiting.get(person)?.mark === mark) waiting.delete(person);
    for (const [person, row] of rows) {
      row.dataset.seen = marks[person] ?? "";
      if (!waiting.has(person)) choose(row, marks[person]);
    }
    const others = form.querySelector("[data-others]"); // who left the class before the page was opened again
    for (const [person, reason] of Object.entries(refused)) refuse(rows.get(person) ?? others, reason);
  }

  function show() {
    let missing = 0;
    for (const [person, row] of rows) {
      missing += row.querySelector(":checked") ? 0 : 1;
      row.classList.toggle("unsaved", waiting.has(person) && trouble !== "");
    }
    for (const place of document.querySelectorAll("[data-missing]:not(.save-bar)")) place.textContent = missing;
    const rest = document.querySelector("button[name=rest]");
    if (rest) rest.hidden = missing === 0;
    bar.querySelector("[name=discard]").hidden = !(isFinal && waiting.size);
    const left = missing ? `${bar.dataset.missing} ${missing}` : bar.dataset.complete;
    const saved = savedAt ? `${bar.dataset.saved} ${savedAt}` : bar.dataset.nothing;
    const unsaved = `${bar.dataset.unsaved} ${waiting.size}`;
    const state = waiting.size ? `${unsaved}${trouble && `. ${trouble}`}` : saved;
    status.textContent = `${state} · ${left}`;
    status.classList.toggle("is-saved", !waiting.size && Boolean(savedAt));
    status.classList.toggle("is-unsaved", waiting.size > 0 && trouble !== "");
  }
}

function choose(row, mark) {
  for (const radio of row.querySelectorAll("input")) radio.checked = radio.value === mark;
}

function refuse(row, reason) {
  const place = row.querySelector(".refused");
  place.textContent = reason;
  place.hidden = !reason;
}

// A Map that a closed page leaves behind: one entry per person, so that two tabs do not lose each other's.
// Where the browser forbids storage, it lasts as long as the page.
function storedMarks(prefix) {
  const store = tolerant(() => window.localStorage);
  const keys = tolerant(() => Object.keys(store).filter((key) => key.startsWith(prefix))) ?? [];
  const marks = new Map(keys.map((key) => [key.slice(prefix.length), JSON.parse(store.getItem(key))]));
  const { set, delete: remove } = Map.prototype;
  marks.set = (person, mark) => {
    tolerant(() => store.setItem(prefix + person, JSON.stringify(mark)));
    return set.call(marks, person, mark);
  };
  marks.delete = (person) => {
    tolerant(() => store.removeItem(prefix + person));
    return remove.call(marks, person);
  };
  return marks;
}

function tolerant(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
