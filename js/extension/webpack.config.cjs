const path = require('node:path');

// reveal.js names no way to the text of its script, which slides hold as it is.
const reveal = path.dirname(require.resolve('reveal.js'));

module.exports = {
  resolve: { alias: { 'reveal-dist': reveal } },
  module: { rules: [{ resourceQuery: /raw/, type: 'asset/source' }] }
};
