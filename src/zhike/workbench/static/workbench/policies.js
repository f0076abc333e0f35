/* Tells while somebody types what weights come to and whether comparisons fit together. The server checks again and
   decides; without this script the form works the same. Refuses to change any field. */
(function () {
  'use strict';
  const STEPS = 200, RANDOM_INDEX = [0, 0, 0, 0.58, 0.9, 1.12, 1.24, 1.32, 1.41, 1.45]; // Saaty 1980
  const all = (selector, root) => Array.from(root.querySelectorAll(selector));
  const ratioOf = text => { const [top, bottom] = text.split('/'); return Number(top) / Number(bottom || 1); };
  const inverse = text => { const [top, bottom] = text.split('/'); return bottom || (top === '1' ? '1' : '1/' + top); };

  for (const block of all('[data-shares]', document)) {
    const sum = block.querySelector('[data-sum]');
    const tell = () => {
      const whole = all('input[inputmode]', block).reduce((so, field) => so + (parseFloat(field.value) || 0), 0);
      sum.textContent = String(Math.round(whole * 1e4) / 1e4);
      sum.classList.toggle('is-warn', Math.abs(whole - 100) > 1e-6);
    };
    block.addEventListener('input', tell);
    tell();
  }

  for (const block of all('[data-matrix]', document)) {
    const names = block.dataset.matrix.split(','), size = names.length;
    const field = (left, right) => block.querySelector(`[name="comparisons.${left}:${right}"]`);
    const tell = () => {
      const matrix = names.map((left, row) => names.map((right, column) => row === column ? 1
        : row < column ? ratioOf(field(left, right).value) : 1 / ratioOf(field(right, left).value)));
      let weights = Array(size).fill(1 / size);
      const times = vector => matrix.map(row => row.reduce((so, cell, at) => so + cell * vector[at], 0));
      for (let step = 0; step < STEPS; step += 1) {
        const product = times(weights), whole = product.reduce((so, one) => so + one, 0);
        weights = product.map(one => one / whole);
      }
      const largest = times(weights).reduce((so, one, at) => so + one / weights[at], 0) / size;
      const ratio = Math.max((largest - size) / (size - 1) / RANDOM_INDEX[size], 0);
      const fits = ratio <= Number(block.dataset.most);
      names.forEach((name, at) => { block.querySelector(`[data-weight="${name}"]`).textContent = (weights[at] * 100).toFixed(1); });
      for (const cell of all('[data-inverse]', block)) cell.textContent = inverse(block.querySelector(`[name="${cell.dataset.inverse}"]`).value);
      block.querySelector('[data-ratio]').textContent = ratio.toFixed(3);
      block.querySelector('[data-fits]').hidden = !fits;
      block.querySelector('[data-contradicts]').hidden = fits;
    };
    block.addEventListener('change', tell);
    tell();
  }
})();
