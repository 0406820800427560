// Sets light or dark before the first paint, hence no module. The rest of the page hears of it by the event "themechange".
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const order = ["auto", "light", "dark"];
  let choice = "auto";
  try {
    choice = localStorage.getItem("theme") ?? "auto";
  } catch {
    // storage may be forbidden: the choice then lasts as long as the page
  }

  function apply() {
    const dark = choice === "dark" || (choice !== "light" && system.matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    const button = document.getElementById("theme");
    if (button) {
      const name = { auto: "Auto", light: "Light", dark: "Dark" }[choice] ?? "Auto";
      button.querySelector("span").textContent = name;
      button.setAttribute("aria-label", `Colours: ${name}`);
    }
    document.dispatchEvent(new Event("themechange"));
  }

  system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme").addEventListener("click", () => {
      choice = order[(order.indexOf(choice) + 1) % order.length];
      try {
        localStorage.setItem("theme", choice);
      } catch {
        // as above
      }
      apply();
    });
    apply();
  });
  apply();
})();
