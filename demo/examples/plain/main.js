const consoleElement = document.querySelector('vnc-console');
const state = document.querySelector('output');

consoleElement.addEventListener('state', ({ detail }) => {
  state.textContent = detail;
});
consoleElement.addEventListener('end', ({ detail }) => {
  state.textContent = `ended: ${detail.reason}`;
});
document.querySelector('button').addEventListener('click', () => consoleElement.disconnect());
