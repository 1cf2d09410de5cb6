/* Pictures tell what holds under the pointer. Without script, the table beside each says the same. */
"use strict";

const tip = document.createElement("p");
tip.className = "tip";
tip.hidden = true;

function show(event) {
  const told = event.target.closest("[data-tip]");
  tip.hidden = !told;
  if (!told) {
    return;
  }
  tip.textContent = told.dataset.tip;
  const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
  tip.style.left = `${window.scrollX + Math.max(8, Math.min(event.clientX + 14, room))}px`;
  tip.style.top = `${window.scrollY + event.clientY + 18}px`;
}

for (const picture of document.querySelectorAll(".picture")) {
  picture.addEventListener("pointermove", show);
  picture.addEventListener("pointerdown", show);
  picture.addEventListener("pointerleave", () => {
    tip.hidden = true;
  });
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    tip.hidden = true;
  }
});
document.body.append(tip);
