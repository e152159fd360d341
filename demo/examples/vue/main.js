import 'express-novnc/element';
import { createApp, h, ref } from 'vue';

const Console = {
  props: ['name', 'title'],
  setup({ name, title }) {
    const element = ref(null);
    const state = ref('connecting');
    return () => [
      h('h1', title),
      h('p', [
        'It is ',
        h('output', state.value),
        '. ',
        h('button', { type: 'button', onClick: () => element.value.disconnect() }, 'Disconnect'),
      ]),
      h('vnc-console', {
        ref: element,
        src: `/console/${encodeURIComponent(name)}`,
        title,
        onState: ({ detail }) => {
          state.value = detail;
        },
        onEnd: ({ detail }) => {
          state.value = `ended: ${detail.reason}`;
        },
      }),
    ];
  },
};

createApp(Console, { name: 'desk-1', title: 'Demo desktop' }).mount('#app');
