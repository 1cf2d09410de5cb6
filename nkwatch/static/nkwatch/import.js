/* Progress of an import, without reloading: asks until it has ended, then shows the result. */
(() => {
  const progress = document.getElementById("import-progress");
  if (!progress) return;
  const bar = document.getElementById("import-bar");
  const words = document.getElementById("import-words");
  const stage = document.getElementById("import-stage");

  async function ask() {
    try {
      const answer = await fetch(progress.dataset.address, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(answer.statusText);
      const told = await answer.json();
      if (told.ended) {
        window.location.replace(told.ended);
        return;
      }
      bar.max = told.of;
      bar.value = told.done;
      bar.textContent = told.words;
      words.textContent = told.words;
      stage.textContent = told.stage.charAt(0).toUpperCase() + told.stage.slice(1);
    } catch {
      words.textContent = "The server does not answer. The import goes on; this page keeps asking.";
    }
    setTimeout(ask, 1000);
  }

  ask();
})();
