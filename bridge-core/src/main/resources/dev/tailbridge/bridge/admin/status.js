'use strict';
// Devices by name, as the bridge told them last. Everything is shown as text, never as markup.
const devices = new Map();
const marks = { online: '●', 'waiting for device': '○', away: '◌', failed: '✕', left: '✕' };
let token = ''; // Only here, and gone with the page.
let lastId = '';
let connected = false;

const at = id => document.getElementById(id);

function cell(row, text, className) {
  const made = row.insertCell();
  for (const line of [].concat(text)) {
    const p = document.createElement('p');
    p.textContent = line;
    made.append(p);
  }
  if (className) made.className = className;
  return made;
}

function age(time) {
  if (!time) return 'never';
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1000));
  if (seconds < 120) return seconds + ' s ago';
  if (seconds < 7200) return Math.round(seconds / 60) + ' min ago';
  return seconds < 172800 ? Math.round(seconds / 3600) + ' h ago' : Math.round(seconds / 86400) + ' days ago';
}

function why(device) {
  const lines = device.reason ? [device.reason] : [];
  for (const finding of device.findings) lines.push(finding.text);
  return lines;
}

function draw() {
  const sorted = [...devices.values()].sort((a, b) => a.name.localeCompare(b.name));
  const rows = document.createDocumentFragment();
  for (const device of sorted) {
    const row = document.createElement('tr');
    cell(row, device.name);
    cell(row, (marks[device.state] || '◌') + ' ' + device.state, device.state.split(' ')[0]);
    cell(row, [device.tailnetName || (device.tailnet ? 'not yet' : 'no tailnet'), ...device.tailnetAddresses]);
    cell(row, device.endpoint || 'not yet', device.endpoint ? '' : 'dim');
    cell(row, age(device.lastHandshake)).dataset.time = device.lastHandshake || '';
    const reasons = cell(row, why(device));
    if (device.loginUrl && /^https?:\/\//.test(device.loginUrl)) {
      const link = document.createElement('a');
      link.href = device.loginUrl;
      link.rel = 'noreferrer';
      link.textContent = device.loginUrl;
      reasons.append(link);
    }
    rows.append(row);
  }
  at('devices').replaceChildren(rows);
  at('table').hidden = sorted.length === 0;
  at('none').hidden = sorted.length !== 0;
  summary();
}

function summary() {
  const online = [...devices.values()].filter(device => device.state === 'online').length;
  at('summary').textContent = devices.size + (devices.size === 1 ? ' device, ' : ' devices, ') + online + ' online' + (connected ? '' : ' — the bridge does not answer; this is how it was');
}

function take(type, data) {
  if (type === 'devices') {
    devices.clear();
    for (const device of data) devices.set(device.name, device);
  } else if (type === 'device') {
    devices.set(data.name, data);
  } else if (type === 'removed') {
    devices.delete(data.name);
  }
  draw();
}

function event(block) {
  let type = '';
  let data = '';
  for (const line of block.split('\n')) {
    if (line.startsWith('id: ')) lastId = line.slice(4);
    if (line.startsWith('event: ')) type = line.slice(7);
    if (line.startsWith('data: ')) data = line.slice(6);
  }
  if (data) take(type, JSON.parse(data));
}

// fetch and not EventSource, which cannot send the token.
async function watch() {
  const headers = {};
  if (token) headers.Authorization = 'Bearer ' + token;
  if (lastId) headers['Last-Event-ID'] = lastId;
  const answer = await fetch('/api/v1/events', { headers });
  if (answer.status === 401) {
    at('login').hidden = false;
    at('summary').textContent = token ? 'that is not the token' : 'locked';
    return false;
  }
  if (!answer.ok) throw new Error('HTTP ' + answer.status);
  at('login').hidden = true;
  connected = true;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return true;
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop();
    blocks.forEach(event);
  }
}

async function run() {
  for (;;) {
    try {
      if (!await watch()) return;
    } catch (failure) {
      // Said below; it is tried again.
    }
    connected = false;
    summary();
    await new Promise(later => setTimeout(later, 2000));
  }
}

at('login').addEventListener('submit', submitted => {
  submitted.preventDefault();
  token = at('token').value;
  at('token').value = '';
  run();
});
setInterval(() => {
  for (const shown of document.querySelectorAll('td[data-time]')) shown.firstChild.textContent = age(shown.dataset.time);
}, 5000);
run();
