// Moves through the attendance grid by arrow keys and marks by c, m, p, k (có mặt, muộn, phép, vắng).
const MARKS = { c: "present", m: "late", p: "excused", k: "absent" };

document.addEventListener("keydown", (event) => {
  const button = event.target.closest("[data-grid] button.mark");
  if (!button || event.ctrlKey || event.altKey || event.metaKey) return;
  const mark = MARKS[event.key.toLowerCase()];
  if (mark) {
    button.value = button.value.replace(/[a-z]+$/, mark);
    button.click();
    event.preventDefault();
    return;
  }
  const cell = button.closest("td");
  const row = cell.parentElement;
  const next = {
    ArrowLeft: () => cell.previousElementSibling,
    ArrowRight: () => cell.nextElementSibling,
    ArrowUp: () => row.previousElementSibling?.cells[cell.cellIndex],
    ArrowDown: () => row.nextElementSibling?.cells[cell.cellIndex],
  }[event.key]?.();
  const target = next?.querySelector("button.mark");
  if (target) {
    target.focus();
    event.preventDefault();
  }
});
