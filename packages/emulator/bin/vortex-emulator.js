#!/usr/bin/env node
// Kept outside `dist`: a package manager links this file at install time, before the build has run.
import '../dist/cli.js';
