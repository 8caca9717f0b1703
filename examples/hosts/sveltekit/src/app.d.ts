declare global {
  namespace App {
    interface Locals {
      user: import('../../your-app.js').User | null;
    }
  }
}

export {};
