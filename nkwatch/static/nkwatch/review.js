/* Ctrl and Enter approve the row in which the cursor is; in a note, they send the note. */
(() => {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const row = document.activeElement?.closest(".review-row");
    if (!row) return;
    const form = document.activeElement.closest(".review-return") ?? row.querySelector(".review-approve");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  });
})();
