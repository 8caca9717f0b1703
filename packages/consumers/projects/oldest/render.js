import { useVortexAuth, VortexProvider } from '@vortex/react';
import { createElement, version } from 'react';
import { renderToString } from 'react-dom/server';

const Who = () => (useVortexAuth().isAuthenticated ? 'signed in' : 'signed out');
console.log(`${renderToString(createElement(VortexProvider, null, createElement(Who)))} in React ${version}`);
