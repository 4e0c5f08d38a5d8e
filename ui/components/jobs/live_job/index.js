// Follows an open job: asks the app's signed route, draws step and preview, tells when it ended.
const LIVE = new WeakMap();
const PERIOD = 600;
const HIDDEN_PERIOD = 5000;

function build(root, data) {
  root.innerHTML = `
    <figure class="frame" style="aspect-ratio:${data.width}/${data.height}">
      <img alt="" hidden><div class="veil"></div>
    </figure>
    <div class="line" role="status"><span class="doing"></span><span class="percent"></span></div>
    <progress max="1" value="0"></progress>`;
  const find = (selector) => root.querySelector(selector);
  find("progress").setAttribute("aria-label", data.texts.progress);
  return {
    img: find("img"), doing: find(".doing"), percent: find(".percent"), bar: find("progress"),
  };
}

function draw(parts, status) {
  parts.doing.textContent = status.doing[0].toUpperCase() + status.doing.slice(1);
  parts.percent.textContent = status.percent;
  if (status.share > 0) parts.bar.value = status.share;
  if (!status.preview || parts.shown === status.preview) return;
  parts.shown = status.preview;
  const next = new Image(); // shown only once it is there, so that nothing flickers
  next.onload = () => { parts.img.src = next.src; parts.img.hidden = false; };
  next.src = status.preview;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const before = LIVE.get(parentElement);
  if (before && before.url === data.url) { before.ended = setTriggerValue; return before.stop; }
  if (before) before.stop();
  const parts = build(parentElement.querySelector(".root"), data);
  const live = { url: data.url, timer: 0, ended: setTriggerValue };
  live.stop = () => { clearTimeout(live.timer); live.over = true; LIVE.delete(parentElement); };
  const look = async () => {
    try {
      const answer = await fetch(data.url);
      const isGone = answer.status === 403 || answer.status === 404;
      if (!answer.ok && !isGone) throw new Error(`status ${answer.status}`);
      const status = answer.ok ? await answer.json() : { open: false, state: "unknown" };
      if (live.over) return;
      if (!status.open) { live.stop(); live.ended("ended", status.state); return; }
      draw(parts, status);
    } catch (error) {
      parts.doing.textContent = data.texts.no_answer;
    }
    live.timer = setTimeout(look, document.hidden ? HIDDEN_PERIOD : PERIOD);
  };
  LIVE.set(parentElement, live);
  draw(parts, data.status);
  look();
  return live.stop;
}
