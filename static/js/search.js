// The key "/" leads to the search box, except while something is being typed.
document.addEventListener("keydown", (event) => {
  const box = document.querySelector("[data-search]");
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || isTyping || !box || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  if (box.offsetParent) box.focus();
});
