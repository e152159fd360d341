import 'express-novnc/element';
import { useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';

function Console({ name, title }) {
  const element = useRef(null);
  const [state, setState] = useState('connecting');
  return (
    <>
      <h1>{title}</h1>
      <p>
        It is <output>{state}</output>.{' '}
        <button type="button" onClick={() => element.current.disconnect()}>
          Disconnect
        </button>
      </p>
      <vnc-console
        ref={element}
        src={`/console/${encodeURIComponent(name)}`}
        title={title}
        onstate={({ detail }) => setState(detail)}
        onend={({ detail }) => setState(`ended: ${detail.reason}`)}
      />
    </>
  );
}

createRoot(document.getElementById('app')).render(<Console name="desk-1" title="Demo desktop" />);
