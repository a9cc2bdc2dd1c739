(function () {
  "use strict";
  var page = document.documentElement;
  page.classList.add("js");

  var languages = document.getElementById("languages");
  if (languages) {
    var show = function (language) {
      page.dataset.show = language;
      page.lang = language === "zh" ? "zh-Hans" : "en";
      languages.elements.show.value = language;
    };
    languages.addEventListener("change", function (event) { show(event.target.value); });
    languages.addEventListener("submit", function (event) { event.preventDefault(); });
    show((navigator.language || "en").toLowerCase().indexOf("zh") === 0 ? "zh" : "en");
  }

  document.querySelectorAll("[data-stage]").forEach(function (stage) {
    var layers = stage.querySelector("[data-layers]");
    var warped = stage.querySelector("[data-warped]");
    var difference = stage.querySelector("[data-difference]");
    var edge = stage.querySelector("[data-edge]");
    var slider = stage.querySelector("[data-slider]");

    function view() { return stage.querySelector("input[type=radio]:checked").value; }

    function draw() {
      var now = view(), value = Number(slider.value);
      warped.style.clipPath = now === "wipe" ? "inset(0 " + (100 - value) + "% 0 0)" : "none";
      warped.style.opacity = now === "blend" ? value / 100 : 1;
      edge.style.left = value + "%";
      edge.hidden = now !== "wipe";
      difference.toggleAttribute("hidden", now !== "difference");
      slider.disabled = now === "difference";
      stage.querySelectorAll("[data-said]").forEach(function (said) {
        said.hidden = said.dataset.said !== now;
        said.querySelectorAll("[data-value]").forEach(function (slot) { slot.textContent = String(value); });
        if (!said.hidden) { slider.setAttribute("aria-valuetext", said.innerText || said.textContent); }
      });
    }

    function follow(event) {
      if (view() !== "wipe") { return; }
      var box = layers.getBoundingClientRect();
      slider.value = String(Math.round(100 * (event.clientX - box.left) / box.width));
      draw();
    }

    layers.addEventListener("pointerdown", function (event) {
      if (event.button !== 0) { return; }
      event.preventDefault();
      layers.setPointerCapture(event.pointerId);
      follow(event);
    });
    layers.addEventListener("pointermove", function (event) {
      if (layers.hasPointerCapture(event.pointerId)) { follow(event); }
    });
    stage.addEventListener("input", draw);
    draw();
  });
})();
