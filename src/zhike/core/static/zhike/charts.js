/* Pictures of the house, drawn with one ECharts theme. Colours and type come from zhike.css; numbers from the JSON that
   stands behind each [data-chart]; tone names are tokens (c1…c5, hand, ink-2). Names in the data are text, never markup.

   bars    {unit, categories[], series: [{name, values[], tone, inside?: [text…], gap?}], stacked?, totals?: [text…], max?, interval?, overlaid?, x?}
   line    {unit, categories[], series: [{name, values[], tone, dashed?}], min?, max?, interval?, marks?: [{at, text}]}
   people  {nodes: [{id, name, role, kind: ours|decides|influences|uses|other|rival, gap?, short?, url?, x?, y?}],
            ties: [{from, to, strength: 1…5, kind: tie|reports|gap|rival}]}          x, y in 0…1; laid out when left out
   sites   {points: [{name, lon, lat, kind: ours|rival|plain, size?: 0…1, note?, url?}], kilometres: text of the unit}
   lorenz  {curve: [[share of firms, share of the sum]…], mark?: {x, y, text}, x, y: axis names, equal?: text}   shares 0…1
   scatter {x: {name, min, max, interval}, y: {…}, points: [{name, x, y, size, kind: plain|rival, hand?, label?, note?, url?}],
            split?: {x, y}, corners?: [top left, top right, bottom left, bottom right]} */
(function () {
  'use strict';
  const css = getComputedStyle(document.documentElement), t = name => css.getPropertyValue('--zk-' + name).trim();
  const text = value => echarts.format.encodeHTML(String(value == null ? '' : value));
  const label = { color: t('ink-2'), fontSize: 12, fontFamily: t('font') };
  const axis = { axisLine: { lineStyle: { color: t('line-3') } }, axisTick: { show: false }, axisLabel: { ...label, color: t('ink-3') },
    splitLine: { lineStyle: { color: t('line-2') } }, splitArea: { show: false }, nameTextStyle: { ...label, color: t('ink-3') } };
  echarts.registerTheme('zhike', {
    color: ['c1', 'c2', 'c3', 'c4', 'c5'].map(t), backgroundColor: 'transparent', animation: false,
    textStyle: { fontFamily: t('font'), color: t('ink-2'), fontSize: 12 }, title: { show: false },
    grid: { left: 8, right: 12, top: 24, bottom: 4, containLabel: true },
    categoryAxis: { ...axis, splitLine: { show: false } }, valueAxis: { ...axis, axisLine: { show: false, lineStyle: { color: t('line-3') } } },
    legend: { icon: 'roundRect', itemWidth: 12, itemHeight: 8, itemGap: 16, top: 0, left: 8, textStyle: label },
    tooltip: { backgroundColor: t('surface'), borderColor: t('line'), padding: [8, 12], textStyle: { color: t('ink'), fontSize: 13 },
      extraCssText: 'box-shadow:' + t('pop') + ';border:0;border-radius:6px;font-variant-numeric:tabular-nums' },
    bar: { barMaxWidth: 28 }, line: { symbol: 'circle', symbolSize: 5, smooth: false, lineStyle: { width: 2 } },
  });
  const grouped = value => value == null ? '–' : Number(value).toLocaleString('en-US', { maximumFractionDigits: 2 });
  const withUnit = unit => value => grouped(value) + (unit ? ' ' + unit : '');
  const dark = tone => ['c1', 'c4', 'hand', 'ink-2', 'ink'].includes(tone); // tones that white letters can stand on

  const kinds = {
    bars(data, width) {
      const narrow = width < 420, every = Math.ceil(data.categories.length / Math.max(1, Math.floor(width / (narrow ? 44 : 46))));
      const room = (width - 60) / data.categories.length; // pixels a bar has, with its gap
      const seldom = index => room < 36 && (data.categories.length - 1 - index) % 3 !== 0;
      const series = data.series.map((one, place) => {
        const tone = one.tone || ['c1', 'c5', 'c2', 'c3', 'c4'][place], top = place === data.series.length - 1;
        return { name: one.name, type: 'bar', stack: data.stacked ? 'all' : undefined, data: one.values, itemStyle: { color: t(tone) },
          barGap: data.overlaid ? '-100%' : undefined, barMaxWidth: data.overlaid ? 46 : 28,
          label: one.inside ? { show: true, position: 'inside', color: dark(tone) ? '#fff' : t('ink'), fontSize: 12, formatter: point => room < 39 ? '' : one.inside[point.dataIndex] || '' }
            : data.totals && top ? { show: true, position: 'top', color: t('ink-2'), fontSize: 12, formatter: point => seldom(point.dataIndex) ? '' : data.totals[point.dataIndex] || '' } : { show: false } };
      });
      return { legend: { show: data.series.length > 1, data: data.series.map(one => one.name) }, tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' }, valueFormatter: withUnit(data.unit) },
        grid: { left: 12, right: 16, top: data.series.length > 1 ? 46 : 28, bottom: data.x ? 24 : 8, containLabel: true },
        xAxis: { type: 'category', data: data.categories, name: data.x, nameLocation: 'middle', nameGap: 26, axisLabel: { interval: index => (data.categories.length - 1 - index) % every === 0 } },
        yAxis: { type: 'value', max: data.max, interval: data.interval, axisLabel: { formatter: grouped } }, series };
    },

    line(data, width) {
      const every = Math.ceil(data.categories.length / Math.max(1, Math.floor(width / 60)));
      return { legend: { show: data.series.length > 1, data: data.series.map(one => one.name) }, tooltip: { trigger: 'axis', valueFormatter: withUnit(data.unit) },
        grid: { left: 12, right: 34, top: data.series.length > 1 ? 46 : 28, bottom: 8, containLabel: true },
        xAxis: { type: 'category', boundaryGap: false, data: data.categories, axisLabel: { interval: index => (data.categories.length - 1 - index) % every === 0 } },
        yAxis: { type: 'value', min: data.min, max: data.max, interval: data.interval, scale: data.min === undefined, axisLabel: { formatter: grouped } },
        series: data.series.map((one, place) => { const color = t(one.tone || ['c1', 'c2', 'c3'][place]); return { name: one.name, type: 'line', data: one.values, connectNulls: false, showSymbol: data.categories.length < 40,
          symbol: ['circle', 'diamond', 'triangle'][place % 3], symbolSize: 6, itemStyle: { color }, lineStyle: { color, width: 2, type: one.dashed ? 'dashed' : 'solid' },
          markLine: place || !data.marks ? undefined : { silent: true, symbol: 'none', lineStyle: { color: t('line-3'), type: 'solid' }, label: { ...label, formatter: mark => mark.name }, data: data.marks.map(mark => ({ xAxis: mark.at, name: mark.text })) } }; }) };
    },

    people(data, width, height) {
      const narrow = width < 480, places = placePeople(data);
      const margin = { l: narrow ? 40 : 60, r: narrow ? 64 : 76, t: 30, b: 62 }, W = width - margin.l - margin.r, H = height - margin.t - margin.b;
      const crowded = data.nodes.length > 9, round = crowded ? 30 : 40;
      const look = { ours: { color: t('ink-2') }, decides: { color: t('c1') }, influences: { color: t('c1-3') }, uses: { color: '#fff', borderColor: t('edge'), borderWidth: 1.5 },
        other: { color: t('line-2'), borderColor: t('line-3'), borderWidth: 1 }, rival: { color: t('c2') } };
      const gap = { color: '#fff', borderColor: t('hand'), borderWidth: 2, borderType: 'dashed' };
      const spots = data.nodes.map(node => { const [x, y] = places.get(node.id); return { node, x: x * W, y: y * H, size: node.kind === 'ours' ? round * .85 : round }; });
      const labels = placeLabels(spots, { left: 4 - margin.l, right: W + margin.r - 4, top: 2 - margin.t, bottom: H + margin.b - 2 }, narrow);
      const nodes = spots.map(({ node, x, y, size }, index) => {
        const { side, name, role } = labels[index];
        return { id: String(node.id), x, y, name: node.name, role: node.role, url: node.url, symbol: 'circle', symbolSize: size, itemStyle: node.gap ? gap : look[node.kind] || look.other,
          label: { show: true, position: side, distance: 6, align: side === 'right' ? 'left' : side === 'left' ? 'right' : 'center', backgroundColor: t('surface') + 'd9', borderRadius: 3, formatter: '{n|' + name + '}' + (role ? '\n{r|' + role + '}' : ''),
            rich: { n: { color: t('ink'), fontSize: 13, fontWeight: 600, lineHeight: 18, fontFamily: t('font') }, r: { color: node.gap ? t('hand') : t('ink-3'), fontSize: 12, lineHeight: 16, fontFamily: t('font') } } } };
      });
      // The picture is stretched to what its nodes span: two corners nobody sees keep it as large as it was laid out for.
      const corners = [[0, 0], [W, H]].map(([x, y], index) => ({ id: 'corner' + index, x, y, symbolSize: 0, label: { show: false }, tooltip: { show: false }, silent: true }));
      const links = data.ties.map(tie => {
        const strength = Math.min(Math.max(tie.strength || 1, 1), 5);
        const [width, color, type] = { tie: [strength * 1.4, t('c1'), 'solid'], reports: [1, t('line-3'), 'solid'], gap: [2, t('hand'), 'dashed'], rival: [strength * 1.2, t('c2'), 'solid'] }[tie.kind || 'tie'];
        // A tie that would run through somebody else bends away from them.
        const spot = id => { const place = places.get(id); return place && [place[0] * W, place[1] * H]; }, a = spot(tie.from), b = spot(tie.to);
        const hit = (tie.kind || 'tie') === 'tie' && a && b ? data.nodes.filter(node => node.id !== tie.from && node.id !== tie.to).map(node => aside(spot(node.id), a, b)).find(off => off !== null && Math.abs(off) < round / 2 + 14) : undefined;
        const bend = hit === undefined ? 0 : hit > 0 ? .16 : -.16;
        return { source: String(tie.from), target: String(tie.to), lineStyle: { width, color, type, curveness: bend, opacity: 1 } };
      });
      return { tooltip: { formatter: point => point.dataType === 'node' ? text(point.data.name) + ' · ' + text(point.data.role) : '' },
        series: [{ type: 'graph', layout: 'none', left: margin.l, right: margin.r, top: margin.t, bottom: margin.b, roam: false, emphasis: { focus: 'adjacency' }, data: [...nodes, ...corners], links }] };
    },

    sites(data, width, height) {
      const lons = data.points.map(point => point.lon), lats = data.points.map(point => point.lat);
      const middle = (Math.min(...lats) + Math.max(...lats)) / 2, shrink = Math.cos(middle * Math.PI / 180), pad = 34;
      // One scale for both directions, so that distances are true.
      // At least some 400 m across: a single site is no point without surroundings.
      const spanX = Math.max((Math.max(...lons) - Math.min(...lons)) * shrink, .004), spanY = Math.max(Math.max(...lats) - Math.min(...lats), .004);
      const degree = Math.max(spanX / Math.max(width - 2 * pad - 60, 40), spanY / Math.max(height - 2 * pad, 40)) * 1.06;
      const cx = (Math.min(...lons) + Math.max(...lons)) / 2, halfX = width / 2 * degree / shrink, halfY = height / 2 * degree;
      const perKm = 1 / (degree * 111.32), length = [.2, .5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].filter(km => km * perKm < width / 3).pop() || .2;
      const tone = { ours: 'c1', rival: 'c2', plain: 'edge' }, step = length / 111.32, few = data.points.length <= 12;
      return { grid: { left: 0, right: 0, top: 0, bottom: 0, containLabel: false }, tooltip: { formatter: point => '<b>' + text(point.data.name) + '</b>' + (point.data.note ? '<br>' + text(point.data.note) : '') },
        xAxis: { type: 'value', min: cx - halfX, max: cx + halfX, interval: step / shrink, axisLabel: { show: false }, axisLine: { show: false }, splitLine: { show: true, lineStyle: { color: t('line-2') } } },
        yAxis: { type: 'value', min: middle - halfY, max: middle + halfY, interval: step, axisLabel: { show: false }, splitLine: { lineStyle: { color: t('line-2') } } },
        graphic: [{ type: 'group', left: 16, bottom: 14, silent: true, children: [{ type: 'line', shape: { x1: 0, y1: 0, x2: length * perKm, y2: 0 }, style: { stroke: t('ink-3'), lineWidth: 2 } }, { type: 'text', y: -18, style: { text: length + ' ' + data.kilometres, fill: t('ink-2'), fontSize: 12, fontFamily: t('font') } }] }],
        series: [{ type: 'scatter', labelLayout: { hideOverlap: true }, data: data.points.map(point => ({ name: point.name, note: point.note, url: point.url, value: [point.lon, point.lat], symbol: point.kind === 'rival' ? 'diamond' : 'circle', symbolSize: 12 + 18 * Math.sqrt(point.size || 0),
          itemStyle: { color: t(tone[point.kind] || 'c1'), opacity: .86, borderColor: '#fff', borderWidth: 1.5 }, // A name stands on the side where the picture has room for it.
          label: { show: few || point.label === true, position: point.lon > cx + halfX * .15 ? 'left' : 'right', distance: 5, formatter: clean(point.name), ...label, color: t('ink'), textBorderColor: '#fff', textBorderWidth: 3 } })) }] };
    },

    lorenz(data) {
      const rate = value => Math.round(value * 100) + '%', name = { nameLocation: 'middle', nameTextStyle: { ...label, color: t('ink-3') } };
      const mark = data.mark;
      return { tooltip: { trigger: 'axis', formatter: points => { const [x, y] = points[0].value; return text(data.x) + ' ' + (x * 100).toFixed(1) + '%<br>' + text(data.y) + ' <b>' + (y * 100).toFixed(1) + '%</b>'; } },
        grid: { left: 56, right: 24, top: 34, bottom: 44, containLabel: false },
        xAxis: { type: 'value', min: 0, max: 1, interval: .2, name: data.x, nameGap: 26, axisLabel: { formatter: rate }, axisLine: { show: true }, splitLine: { show: false }, ...name },
        yAxis: { type: 'value', min: 0, max: 1, interval: .2, name: data.y, nameGap: 12, axisLabel: { formatter: rate }, nameLocation: 'end', nameTextStyle: { ...label, color: t('ink-3'), align: 'left', padding: [0, 0, 0, -40] } },
        series: [{ type: 'line', data: data.curve, showSymbol: false, lineStyle: { color: t('c1'), width: 2.5 }, itemStyle: { color: t('c1') }, areaStyle: { color: t('accent-soft'), opacity: .7 },
          markPoint: mark ? { symbol: 'circle', symbolSize: 10, itemStyle: { color: t('c2'), borderColor: '#fff', borderWidth: 2 }, data: [{ coord: [mark.x, mark.y] }], label: { show: true, position: mark.y > .5 ? [14, 10] : [14, -12], formatter: clean(mark.text), ...label, color: t('ink'), fontSize: 13, fontWeight: 600, align: 'left' } } : undefined,
          markLine: mark ? { silent: true, symbol: 'none', label: { show: false }, lineStyle: { color: t('line-3'), type: 'dashed' }, data: [[{ coord: [mark.x, 0] }, { coord: [mark.x, mark.y] }], [{ coord: [0, mark.y] }, { coord: [mark.x, mark.y] }]] } : undefined },
        { type: 'line', data: [[0, 0], [1, 1]], showSymbol: false, silent: true, tooltip: { show: false }, lineStyle: { color: t('line-3'), width: 1, type: 'dashed' }, endLabel: { show: !!data.equal, formatter: data.equal ? clean(data.equal) : '', align: 'right', offset: [-8, 22], color: t('ink-3'), fontSize: 12 } }] };
    },

    scatter(data) {
      const most = Math.max(...data.points.map(point => point.size || 1), 1), ends = { ...data.x }, highs = { ...data.y };
      const area = (name, x0, y0, x1, y1, position) => [{ name, xAxis: x0, yAxis: y0, label: { position } }, { xAxis: x1, yAxis: y1 }];
      const { split, corners } = data;
      return { grid: { left: 46, right: 18, top: 16, bottom: 40, containLabel: false }, tooltip: { formatter: point => '<b>' + text(point.data.name) + '</b>' + (point.data.note ? '<br>' + text(point.data.note) : '') },
        xAxis: { type: 'value', min: ends.min, max: ends.max, interval: ends.interval, name: ends.name, nameLocation: 'middle', nameGap: 24, splitLine: { show: false }, axisLine: { show: true } },
        yAxis: { type: 'value', min: highs.min, max: highs.max, interval: highs.interval, name: highs.name, nameLocation: 'middle', nameGap: 30, nameRotate: 0, splitLine: { show: false }, axisLine: { show: true } },
        series: [{ type: 'scatter', z: 3, labelLayout: { hideOverlap: true },
          data: data.points.map(point => ({ name: point.name, note: point.note, url: point.url, value: [point.x, point.y], symbol: point.kind === 'rival' ? 'diamond' : 'circle', symbolSize: 5 + 36 * Math.sqrt((point.size || 1) / most),
            itemStyle: { color: t(point.kind === 'rival' ? 'c2' : 'c1'), opacity: point.label ? .88 : .4, borderColor: point.hand ? t('hand') : '#fff', borderWidth: point.hand ? 2.5 : 1 },
            label: { show: !!point.label, formatter: clean(point.name), position: 'left', ...label, color: t('ink'), fontWeight: point.hand ? 600 : 400, textBorderColor: '#fff', textBorderWidth: 3 } })),
          markLine: split ? { silent: true, symbol: 'none', label: { show: false }, lineStyle: { color: t('line-3'), type: 'solid', width: 1 }, data: [{ xAxis: split.x }, { yAxis: split.y }] } : undefined,
          markArea: split && corners ? { silent: true, itemStyle: { color: 'transparent' }, label: { color: t('ink-3'), fontSize: 13, fontWeight: 600, fontFamily: t('font') }, data: [
            area(corners[0], ends.min, split.y, split.x, highs.max, 'insideTopLeft'), area(corners[1], split.x, split.y, ends.max, highs.max, 'insideTopRight'),
            area(corners[2], ends.min, highs.min, split.x, split.y, 'insideBottomLeft'), area(corners[3], split.x, highs.min, ends.max, split.y, 'insideBottomRight')] } : undefined }] };
    },
  };

  // In rich labels braces would open a style and | would end its name.
  function clean(value) { return String(value == null ? '' : value).replace(/[{}|]/g, ' '); }

  // How far (in pixels, positive below) a spot lies from the line between two others; null when it is not beside it.
  function aside(spot, a, b) {
    if (!spot) return null;
    const dx = b[0] - a[0], dy = b[1] - a[1], along = ((spot[0] - a[0]) * dx + (spot[1] - a[1]) * dy) / (dx * dx + dy * dy || 1);
    return along < .08 || along > .92 ? null : ((spot[1] - a[1]) * dx - (spot[0] - a[0]) * dy) / (Math.hypot(dx, dy) || 1);
  }

  // How wide a text is: a Chinese character takes a whole em, a Latin one about half.
  function widthOf(value, em) { let sum = 0; for (const one of clean(value)) sum += one > '\u2e7f' ? 1 : .58; return sum * em; }

  // Cuts a text to a width; what leaves no room for two characters is left out.
  function cut(value, pixels) {
    if (widthOf(value, 12) <= pixels) return clean(value);
    let room = pixels - 12, kept = '';
    for (const one of clean(value)) { room -= widthOf(one, 12); if (room < 0) break; kept += one; }
    return kept.length > 1 ? kept.trimEnd() + '…' : '';
  }

  /* Puts each label where it touches no other label, no circle and no edge: first with its whole role, then with a shorter
     one, at last with the name alone, which is never cut. The lower a spot, the later it chooses. */
  function placeLabels(spots, edge, narrow) {
    const taken = [], labels = spots.map(() => null);
    const box = (spot, side, w, h) => { const r = spot.size / 2 + 5;
      const [x, y] = { right: [spot.x + r, spot.y - h / 2], left: [spot.x - r - w, spot.y - h / 2], bottom: [spot.x - w / 2, spot.y + r], top: [spot.x - w / 2, spot.y - r - h] }[side];
      return { x, y, w, h }; };
    const meet = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
    const free = (place, self) => place.x >= edge.left && place.x + place.w <= edge.right && place.y >= edge.top && place.y + place.h <= edge.bottom
      && !taken.some(other => meet(place, other)) && !spots.some(other => other !== self && meet(place, { x: other.x - other.size / 2, y: other.y - other.size / 2, w: other.size, h: other.size }));
    const order = spots.map((spot, index) => index).sort((a, b) => spots[a].y - spots[b].y || spots[a].x - spots[b].x);
    for (const index of order) {
      const spot = spots[index], { node } = spot, name = clean(node.name), role = narrow && node.short || node.role || '', wide = widthOf(name, 13) + 4;
      const sides = node.kind === 'ours' ? ['bottom', 'top', 'right'] : ['right', 'bottom', 'left', 'top'];
      for (const most of [1e4, 110, 64, 0]) {
        const said = most ? cut(role, most) : '', w = Math.max(wide, widthOf(said, 12) + 4), h = said ? 36 : 19;
        const side = sides.find(one => free(box(spot, one, w, h), spot));
        if (side || !most) { labels[index] = { side: side || sides[0], name, role: said }; taken.push(box(spot, side || sides[0], w, h)); break; }
      }
    }
    return labels;
  }

  /* Lanes: our people on the left, theirs in the middle by what they decide (top: decide, foot: use), rivals on the right.
     In a lane people stand under whom they report to where that is known, else in the given order. */
  function placePeople(data) {
    const places = new Map(), of = kind => data.nodes.filter(node => node.kind === kind);
    const full = data.nodes.some(node => node.kind === 'other'), lane = { decides: 0, influences: full ? .36 : .46, other: .68, uses: 1 };
    const ours = of('ours'), rivals = of('rival');
    for (const kind of ['decides', 'influences', 'other', 'uses']) {
      const group = of(kind);
      const boss = node => { const tie = data.ties.find(tie => tie.kind === 'reports' && (tie.to === node.id || tie.from === node.id) && places.has(tie.to === node.id ? tie.from : tie.to)); return tie ? places.get(tie.to === node.id ? tie.from : tie.to)[0] : null; };
      const wished = group.map((node, index) => ({ node, x: boss(node), index })).sort((a, b) => (a.x == null ? .5 : a.x) - (b.x == null ? .5 : b.x) || a.index - b.index);
      wished.forEach((one, index) => {
        const x = .28 + (wished.length === 1 ? (kind === 'decides' ? .14 : .34) : index / (wished.length - 1) * (rivals.length ? .46 : .62));
        const sag = wished.length > 2 && index % 2 ? (full ? .05 : .09) : 0; // neighbours' labels must not touch
        places.set(one.node.id, [x, lane[kind] + (kind === 'uses' ? -sag : sag)]);
      });
    }
    const spread = (group, x) => {
      const pull = node => { const ends = data.ties.filter(tie => tie.kind !== 'gap').map(tie => tie.from === node.id ? tie.to : tie.to === node.id ? tie.from : null).filter(id => places.has(id)).map(id => places.get(id)[1]); return ends.length ? ends.reduce((a, b) => a + b) / ends.length : .5; };
      const sorted = group.map(node => ({ node, y: pull(node) })).sort((a, b) => a.y - b.y), apart = Math.min(.3, 1 / Math.max(sorted.length - 1, 1));
      sorted.forEach((one, index) => { if (index) one.y = Math.max(one.y, sorted[index - 1].y + apart); });
      for (let index = sorted.length - 1, ceiling = 1; index >= 0; index -= 1, ceiling = sorted[index + 1].y - apart) sorted[index].y = Math.max(Math.min(sorted[index].y, ceiling), 0);
      for (const one of sorted) places.set(one.node.id, [x, one.y]);
    };
    spread(ours, 0);
    spread(rivals, 1);
    for (const node of data.nodes) if (node.x != null && node.y != null) places.set(node.id, [node.x, node.y]);
    return places;
  }

  function draw(element) {
    if (element.dataset.drawn) return;
    const data = JSON.parse(element.nextElementSibling.textContent), kind = kinds[element.dataset.chart];
    if (!kind || !data) return;
    element.dataset.drawn = '1';
    const chart = echarts.init(element, 'zhike', { renderer: 'svg' });
    const paint = () => { if (element.clientWidth) { chart.resize(); chart.setOption(kind(data, element.clientWidth, element.clientHeight), true); } };
    paint();
    new ResizeObserver(paint).observe(element);
    chart.on('click', point => { if (point.data && point.data.url) location.assign(point.data.url); });
  }
  window.zk = Object.assign(window.zk || {}, { t, drawAll: root => (root.matches && root.matches('[data-chart]') ? [root] : Array.from(root.querySelectorAll('[data-chart]'))).forEach(draw) });
})();
