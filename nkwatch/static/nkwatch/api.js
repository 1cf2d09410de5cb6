/* The reference in light or dark as the reader has it: Swagger UI has both, and leaves the choice to the page. */
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", follow);
  follow();
})();
