// Asks before a page is left whose form was changed and not sent. Not for searches, nor for what saves itself.
const changed = new Set();

document.addEventListener("input", ({ target }) => {
  const form = target.form;
  if (form?.method === "post" && !form.matches("[role=search], [data-grid], [data-waiting], [data-selects]")) changed.add(form);
});
document.addEventListener("submit", () => changed.clear());
document.addEventListener("reset", ({ target }) => changed.delete(target));
window.addEventListener("beforeunload", (event) => {
  if (changed.size) event.preventDefault();
});
