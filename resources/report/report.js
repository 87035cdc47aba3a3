/* The page's own script: chooses a prepared chart, paints it for the theme, and says what is under the pointer. */
(() => {
  'use strict';
  const data = JSON.parse(document.getElementById('data').textContent);
  const state = { metric: 'accuracy', split: 'test', x: 'remaining', scale: 'log', band: 'deviation' };
  const hiddenArms = new Set();
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let chosenTheme = null;
  const theme = () => chosenTheme ?? (dark.matches ? 'dark' : 'light');

  /** Colours are written as `@name` in the prepared charts. */
  const painted = (value, palette) => {
    if (Array.isArray(value)) return value.map((item) => painted(item, palette));
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, painted(item, palette)]));
    }
    return typeof value === 'string' && value.startsWith('@') ? (palette[value] ?? value) : value;
  };

  const escapeText = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.codePointAt(0)};`);
  const formatted = (value, unit = true) => {
    const { digits, unit: words } = data.metrics[state.metric];
    return value === null ? '–' : value.toFixed(digits) + (unit ? words : '');
  };
  const measured = (round) => round.values[`${state.split}/${state.metric}`];
  const sparsityLabel = (remaining) =>
    remaining >= 100 ? 'dense' : `${Number((100 - remaining).toPrecision(6))} %`;
  const swatch = (arm, index) =>
    `<span class="swatch${arm.networks > 1 ? ' several' : ''}" style="--arm:var(--arm-${index})"></span>`;

  const particleWords = (arm, found) => {
    if (found.particles.length < 2) return '';
    const [low, high] = [Math.min(...found.particles), Math.max(...found.particles)];
    const unit = arm.networks > 1 ? 'members' : 'particles';
    const together =
      arm.networks > 1 || found.ensemble === null ? '' : `, ensemble ${formatted(found.ensemble, false)}`;
    return `${unit} ${formatted(low, false)} to ${formatted(high, false)}${together}`;
  };
  const valueWords = (found) =>
    formatted(found.mean) + (found.deviation === null ? '' : ` ± ${formatted(found.deviation, false)}`);
  const roundWords = (round) =>
    `${data.numbered ? `Round ${round.round}, ` : ''}${round.sparsity} sparsity, ${round.weights} weights left`;

  /** What is said about a round: of the arms shown, or of one. */
  const tip = (row, only) => {
    const rows = data.arms.flatMap((arm, index) => {
      const round = arm.rounds.find((candidate) => candidate.row === row);
      const shown = only === undefined ? !hiddenArms.has(arm.arm) && arm.kind !== 'dense' : only === index;
      return round && shown && measured(round) ? [{ arm, index, round, found: measured(round) }] : [];
    });
    if (rows.length === 0) return { html: '', text: '' };
    const cost =
      only === undefined ? '' : `${rows[0].round.inference} an image, ${rows[0].round.training} of training`;
    const cells = rows.map(
      ({ arm, index, found }) =>
        `<tr><td>${swatch(arm, index)}${escapeText(arm.arm)}</td><td><b>${valueWords(found)}</b></td>` +
        `<td>${particleWords(arm, found)}</td></tr>`,
    );
    return {
      html: `<div class="tip"><p>${roundWords(rows[0].round)}${cost && `<br>${cost}`}</p><table>${cells.join('')}</table></div>`,
      text: [
        roundWords(rows[0].round),
        ...rows.map(({ arm, found }) => `${arm.arm} ${valueWords(found)} ${particleWords(arm, found)}`),
      ].join('. '),
    };
  };
  const tipOf = (params, only) => {
    for (const item of Array.isArray(params) ? params : [params]) {
      const [kind, arm] = (item.seriesId ?? '').split(':');
      if (kind === 'line')
        return tip(data.arms[arm].rounds[item.dataIndex].row, only ? Number(arm) : undefined).html;
    }
    return '';
  };

  const charts = [];
  let printing = false;
  const addChart = (element, prepared, byArm) => {
    const chart = echarts.init(element, null, { renderer: 'svg' });
    const entry = { chart, element, prepared, byArm, round: -1, arm: 0 };
    charts.push(entry);
    new ResizeObserver(() => {
      if (!printing) chart.resize();
    }).observe(element);
    element.addEventListener('keydown', (event) => step(entry, event));
    element.addEventListener('blur', () => chart.dispatchAction({ type: 'hideTip' }));
  };

  /** Arrow keys: along the rounds, and from arm to arm. */
  const step = (entry, event) => {
    const moves = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const lines = entry.chart.getOption().series.flatMap(({ id, name, data: points }, index) => {
      const shown = id.startsWith('line:') && (entry.byArm || !hiddenArms.has(name));
      return shown ? [{ index, arm: Number(id.slice(5)), length: points.length }] : [];
    });
    if (lines.length === 0) return;
    entry.arm = (entry.arm + move[1] + lines.length) % lines.length;
    const line = lines[entry.arm];
    entry.round = Math.min(line.length - 1, Math.max(0, entry.round + move[0]));
    entry.chart.dispatchAction({ type: 'showTip', seriesIndex: line.index, dataIndex: entry.round });
    const single = entry.byArm || state.x !== 'remaining';
    const { row } = data.arms[line.arm].rounds[entry.round];
    document.getElementById('said').textContent = tip(row, single ? line.arm : undefined).text;
  };

  const draw = () => {
    const palette = data.themes[theme()];
    document.documentElement.dataset.theme = theme();
    for (const [name, colour] of Object.entries(palette)) {
      if (/^@\d+$/.test(name)) document.documentElement.style.setProperty(`--arm-${name.slice(1)}`, colour);
    }
    for (const { chart, prepared, byArm } of charts) {
      const key = byArm ? 'metric split scale band' : 'metric split x scale band';
      const option = painted(
        prepared[
          key
            .split(' ')
            .map((name) => (state[name] === 'none' ? 'deviation' : state[name]))
            .join('/')
        ],
        palette,
      );
      if (state.band === 'none') option.series = option.series.filter(({ id }) => !/^(low|band):/.test(id));
      const axis = byArm || state.x === 'remaining';
      const digits = Math.max(0, -Math.floor(Math.log10(option.yAxis.interval) + 1e-9));
      option.yAxis.axisLabel.formatter = (value) => value.toFixed(digits);
      if (axis) option.xAxis.axisLabel.formatter = sparsityLabel;
      option.legend = {
        show: false,
        selected: Object.fromEntries([...hiddenArms].map((arm) => [arm, false])),
      };
      option.tooltip = {
        trigger: axis ? 'axis' : 'item',
        confine: true,
        transitionDuration: 0,
        axisPointer: { type: 'line', lineStyle: { color: palette['@quiet'], type: 'solid', width: 1 } },
        backgroundColor: palette['@background'],
        borderColor: palette['@line'],
        textStyle: { color: palette['@text'] },
        formatter: (params) => tipOf(params, byArm || !axis),
      };
      chart.setOption(option, { notMerge: true });
    }
    for (const table of document.querySelectorAll('[data-table]')) {
      table.hidden = table.dataset.table !== `${state.metric}/${state.split}`;
    }
    document.getElementById('bands').textContent = data.bands[state.band];
    const button = document.getElementById('theme');
    button.textContent = theme() === 'dark' ? 'Light' : 'Dark';
    const { name } = data.metrics[state.metric];
    document.getElementById('chart').setAttribute('aria-label', `Chart: ${state.split} ${name} of every arm`);
  };

  const save = (name, content) => {
    const link = document.createElement('a');
    const url = URL.createObjectURL(content);
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  };
  const picture = () => {
    const { chart } = charts[0];
    const svg =
      chart.renderToSVGString?.() ?? decodeURIComponent(chart.getDataURL({ type: 'svg' }).split(',')[1]);
    return { svg, width: chart.getWidth(), height: chart.getHeight() };
  };
  const savePng = () => {
    const { svg, width, height } = picture();
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement('canvas');
      canvas.width = 2 * width;
      canvas.height = 2 * height;
      const context = canvas.getContext('2d');
      context.fillStyle = data.themes[theme()]['@background'];
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => save(`${data.experiment}.png`, blob));
    };
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  };
  const copy = async (button, text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without permission, as from a file in some browsers: the old way.
      const area = document.createElement('textarea');
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    const words = button.textContent;
    button.textContent = 'Copied';
    setTimeout(() => (button.textContent = words), 1500);
  };

  for (const element of document.querySelectorAll('.needs-script, #theme')) element.hidden = false;
  addChart(document.getElementById('chart'), data.charts, false);
  for (const element of document.querySelectorAll('[data-particles]')) {
    addChart(element, data.particles[element.dataset.particles], true);
  }
  document.getElementById('choices').addEventListener('change', (event) => {
    state[event.target.name] = event.target.value;
    draw();
  });
  document.getElementById('arms').addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    const { arm } = button.dataset;
    if (!hiddenArms.delete(arm)) hiddenArms.add(arm);
    button.setAttribute('aria-pressed', String(!hiddenArms.has(arm)));
    draw();
  });
  document.getElementById('theme').addEventListener('click', () => {
    chosenTheme = theme() === 'dark' ? 'light' : 'dark';
    draw();
  });
  dark.addEventListener('change', draw);
  document.addEventListener('click', (event) => {
    const { save: format, copy: text } = event.target.dataset ?? {};
    if (format === 'csv') save(`${data.experiment}.csv`, new Blob([data.csv], { type: 'text/csv' }));
    if (format === 'differences')
      save(`${data.experiment}-differences.csv`, new Blob([data.differences], { type: 'text/csv' }));
    if (format === 'svg')
      save(`${data.experiment}.svg`, new Blob([picture().svg], { type: 'image/svg+xml' }));
    if (format === 'png') savePng();
    if (text) void copy(event.target, data.tables[`${state.metric}/${state.split}`][text]);
  });
  /* On paper: light, and as wide as the page. */
  let before = null;
  addEventListener('beforeprint', () => {
    before = chosenTheme;
    chosenTheme = 'light';
    draw();
    printing = true;
    for (const { chart, byArm } of charts) {
      chart.resize(byArm ? { width: 330, height: 230 } : { width: 680, height: 320 });
      // Drawn now: the page is printed before the next frame.
      chart.getZr().flush();
    }
  });
  addEventListener('afterprint', () => {
    printing = false;
    chosenTheme = before;
    draw();
    for (const { chart } of charts) chart.resize({ width: 'auto', height: 'auto' });
  });
  draw();
})();
