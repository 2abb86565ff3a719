// Saves each answer of a test as it is given. What cannot be sent waits on the device and is sent again.
const TRY_AGAIN = [1, 2, 5, 10, 30]; // seconds
const PATIENCE = 15_000; // milliseconds

for (const form of document.querySelectorAll("form[data-answers]")) saveAnswers(form);

function saveAnswers(form) {
  const bar = form.querySelector(".save-bar");
  const [status, clock] = bar.querySelectorAll("p");
  const ends = Date.now() + 1000 * Number(form.dataset.seconds);
  const waiting = new Map(stored());
  let trouble = "";
  let savedAt = "";
  let isSending = false;
  let isOver = false;
  let failures = 0;
  let timer;

  form.addEventListener("input", ({ target }) => hold(target.closest("[data-position]")));
  form.addEventListener("change", () => send());
  form.addEventListener("submit", (event) => {
    if (!waiting.size || isOver) return;
    event.preventDefault(); // nothing is handed in before it has arrived
    send().then(() => waiting.size || form.submit());
  });
  window.addEventListener("online", () => send());
  window.addEventListener("beforeunload", (event) => waiting.size && !isOver && event.preventDefault());
  setInterval(tick, 1000);
  for (const [position, fields] of waiting) restore(position, fields);
  tick();
  send();

  function hold(question) {
    if (!question) return;
    const { position } = question.dataset;
    const fields = [...question.querySelectorAll("input, select")]
      .filter((field) => !["radio", "checkbox"].includes(field.type) || field.checked)
      .map((field) => [field.name, field.value]);
    waiting.set(position, fields);
    tolerant(() => localStorage.setItem(form.dataset.waiting + position, JSON.stringify(fields)));
    show();
  }

  function restore(position, fields) {
    const question = form.querySelector(`[data-position="${position}"]`);
    for (const field of question?.querySelectorAll("input, select") ?? []) {
      const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
      if (["radio", "checkbox"].includes(field.type)) field.checked = values.includes(field.value);
      else field.value = values[0] ?? "";
    }
  }

  async function send() {
    show();
    if (isSending || isOver || !waiting.size) return;
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
    else if (waiting.size && !trouble) await send();
    show();
  }

  // Whether to try again.
  async function post(batch) {
    const body = new URLSearchParams(); // no upload, of which a process takes few at once
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    for (const [position, fields] of batch) {
      body.append("position", position);
      for (const [name, value] of fields) body.append(name, value);
    }
    const answer = await fetch(form.dataset.answers, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      redirect: "manual", // to the sign-in page
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.ok) {
      savedAt = (await answer.json()).at;
      trouble = "";
      for (const [position, fields] of batch) {
        if (waiting.get(position) !== fields) continue;
        waiting.delete(position);
        tolerant(() => localStorage.removeItem(form.dataset.waiting + position));
      }
      return false;
    }
    if (answer.status >= 500 || answer.status === 429) throw new Error(answer.status);
    isOver = answer.status === 409;
    trouble = isOver ? (await answer.json()).error : bar.dataset.signIn;
    return false;
  }

  function tick() {
    const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
    const minutes = Math.floor(left / 60);
    clock.textContent = left < 86_400 ? `${bar.dataset.left} ${minutes}:${String(left % 60).padStart(2, "0")}` : "";
    if (!left && !isOver && !waiting.size) {
      isOver = true;
      form.submit();
    }
  }

  function show() {
    const saved = savedAt ? `${bar.dataset.saved} ${savedAt}` : "";
    status.textContent = waiting.size ? `${bar.dataset.unsaved} ${waiting.size}. ${trouble}` : trouble || saved;
    status.classList.toggle("is-saved", !waiting.size && Boolean(savedAt));
    status.classList.toggle("is-unsaved", trouble !== "");
  }

  function stored() {
    const keys = tolerant(() => Object.keys(localStorage)) ?? [];
    return keys
      .filter((key) => key.startsWith(form.dataset.waiting))
      .map((key) => [key.slice(form.dataset.waiting.length), JSON.parse(localStorage.getItem(key))]);
  }
}

// Where the browser forbids storage, answers wait as long as the page is open.
function tolerant(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
