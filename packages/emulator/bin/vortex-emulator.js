#!/usr/bin/env node
// Apart from the build, so that a package manager finds a file to link before there is one.
import '../dist/cli.js';
