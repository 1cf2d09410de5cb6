/*
 * Maps, a little easier where script runs: what a mark says appears beside it,
 * and buttons, arrow keys and dragging move and enlarge the map. Marks and
 * labels keep their size. Nothing is here that the page does not say without.
 */
(() => {
  const MOST = 8;
  const STEP = 60;
  const PLACE = /translate\(([-\d.]+)[ ,]([-\d.]+)\)/;
  const enlarge = (view) => view.zoom(1.6);
  const reduce = (view) => view.zoom(1 / 1.6);
  const up = (view) => view.move(0, STEP);
  const left = (view) => view.move(STEP, 0);
  const right = (view) => view.move(-STEP, 0);
  const down = (view) => view.move(0, -STEP);
  const TOOLS = [
    ["Enlarge", "+", enlarge],
    ["Make smaller", "−", reduce],
    ["Left", "←", left],
    ["Up", "↑", up],
    ["Down", "↓", down],
    ["Right", "→", right],
    ["As it was", "×", (view) => view.reset()],
  ];
  const KEYS = {
    "+": enlarge,
    "=": enlarge,
    "-": reduce,
    ArrowUp: up,
    ArrowLeft: left,
    ArrowRight: right,
    ArrowDown: down,
  };

  /* One drawing: how far it is enlarged and moved, in the units of its view box. */
  class View {
    constructor(svg, changed) {
      this.svg = svg;
      this.changed = changed;
      this.ground = svg.querySelector(".ground");
      this.places = [...svg.querySelectorAll(".place")].map((place) => {
        const [, x, y] = PLACE.exec(place.getAttribute("transform"));
        return [place, Number(x), Number(y)];
      });
      this.width = svg.viewBox.baseVal.width;
      this.height = svg.viewBox.baseVal.height;
      Object.assign(this, { scale: 1, x: 0, y: 0 });
      for (const [place, x, y] of this.places) {
        /* On the link: a listener on its group would make that a stop for the keyboard as well. */
        place.querySelector(".mark")?.addEventListener("focus", () => this.bringIn(x, y));
      }
    }

    /* What takes the focus does not stay outside. */
    bringIn(x, y) {
      const [toX, toY] = [this.x + x * this.scale, this.y + y * this.scale];
      if (toX < 0 || toY < 0 || toX > this.width || toY > this.height) {
        this.move(this.width / 2 - toX, this.height / 2 - toY);
      }
    }

    zoom(factor, x = this.width / 2, y = this.height / 2) {
      const scale = Math.min(MOST, Math.max(1, this.scale * factor));
      this.x = x - ((x - this.x) * scale) / this.scale;
      this.y = y - ((y - this.y) * scale) / this.scale;
      this.scale = scale;
      this.draw();
    }

    move(x, y) {
      this.x += x;
      this.y += y;
      this.draw();
    }

    reset() {
      Object.assign(this, { scale: 1, x: 0, y: 0 });
      this.draw();
    }

    draw() {
      const within = (at, length) => Math.min(0, Math.max(length * (1 - this.scale), at));
      this.x = within(this.x, this.width);
      this.y = within(this.y, this.height);
      this.ground.setAttribute("transform", `translate(${this.x} ${this.y}) scale(${this.scale})`);
      for (const [place, x, y] of this.places) {
        const to = [this.x + x * this.scale, this.y + y * this.scale];
        place.setAttribute("transform", `translate(${to.join(" ")})`);
      }
      this.changed(this);
    }

    /* Pixels of the screen for one unit of the view box. */
    get unit() {
      return this.svg.getBoundingClientRect().width / this.width || 1;
    }
  }

  function shown(views) {
    return views.find((view) => view.svg.getBoundingClientRect().width > 0);
  }

  function addTools(figure, views) {
    const tools = document.createElement("div");
    tools.className = "tools";
    tools.setAttribute("role", "group");
    tools.setAttribute("aria-label", "Move the map; arrow keys, + and − do the same");
    for (const [name, sign, act] of TOOLS) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = sign;
      button.title = name;
      button.setAttribute("aria-label", name);
      button.addEventListener("click", () => act(shown(views)));
      tools.append(button);
    }
    tools.addEventListener("keydown", (event) => {
      const act = KEYS[event.key];
      if (act && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        act(shown(views));
      }
    });
    figure.append(tools);
    return tools;
  }

  /* Dragging moves an enlarged map; a link is followed only where nothing was dragged. */
  function addDragging(view) {
    let from = null;
    let dragged = false;
    view.svg.addEventListener("pointerdown", (event) => {
      from = view.scale > 1 && event.button === 0 ? [event.clientX, event.clientY] : null;
      dragged = false;
    });
    view.svg.addEventListener("pointermove", (event) => {
      if (!from) return;
      const [x, y] = [event.clientX - from[0], event.clientY - from[1]];
      if (!dragged && Math.hypot(x, y) < 4) return;
      if (!dragged) view.svg.setPointerCapture(event.pointerId);
      dragged = true;
      from = [event.clientX, event.clientY];
      view.move(x / view.unit, y / view.unit);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      view.svg.addEventListener(end, () => {
        from = null;
      });
    }
    view.svg.addEventListener("dragstart", (event) => event.preventDefault());
    view.svg.addEventListener(
      "click",
      (event) => {
        if (dragged) event.preventDefault();
        dragged = false;
      },
      true,
    );
  }

  /* What a mark says: beside it while it has the pointer or the focus, until Escape. */
  function addTips(figure) {
    const tip = document.createElement("div");
    tip.className = "map-tip";
    tip.hidden = true;
    tip.setAttribute("aria-hidden", "true");
    figure.append(tip);
    const hide = () => {
      tip.hidden = true;
    };
    for (const mark of figure.querySelectorAll(".mark")) {
      const title = mark.querySelector("title");
      const words = title.textContent.trim();
      mark.setAttribute("aria-label", words);
      title.remove();
      const show = () => {
        const around = figure.getBoundingClientRect();
        const box = mark.querySelector(".hit").getBoundingClientRect();
        tip.textContent = words;
        tip.hidden = false;
        const right = figure.clientWidth - tip.offsetWidth;
        tip.style.left = `${Math.max(0, Math.min(right, box.left - around.left))}px`;
        tip.style.top = `${box.bottom - around.top + 2}px`;
      };
      mark.addEventListener("mouseenter", show);
      mark.addEventListener("focus", show);
      mark.addEventListener("blur", hide);
      mark.addEventListener("mouseleave", (event) => {
        if (event.relatedTarget !== tip) hide();
      });
    }
    tip.addEventListener("mouseleave", hide);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") hide();
    });
    return hide;
  }

  for (const figure of document.querySelectorAll("figure.map")) {
    const hide = addTips(figure);
    const changed = (view) => {
      hide();
      figure.classList.toggle("moves", view.scale > 1);
      /* What moves the map is shown on an enlarged one only: the focus does not go with it. */
      if (view.scale === 1 && tools.contains(document.activeElement)) tools.firstChild.focus();
    };
    const views = [...figure.querySelectorAll(":scope > svg")].map((svg) => new View(svg, changed));
    const tools = addTools(figure, views);
    views.forEach(addDragging);
  }
})();
