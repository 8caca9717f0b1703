import type { NextConfig } from 'next';

export default { basePath: '/shop', trailingSlash: true } satisfies NextConfig;
