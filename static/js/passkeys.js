// Lets the buttons of a page ask the browser for a passkey. A form says what for (data-passkey:
// addForm or authenticateForm) and which field takes the answer.
document.querySelectorAll("form[data-passkey]").forEach((form) => {
  const button = form.querySelector("button").id;
  window.allauth.webauthn.forms[form.dataset.passkey]({
    ids: { add: button, authenticate: button, credential: form.dataset.credential, data: "js_data" },
  });
});
// A person who closes the browser's dialog is told so; nothing has gone wrong.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.querySelectorAll("[data-passkey-refused]").forEach((note) => note.removeAttribute("hidden"));
});
