import { defineModel } from 'swamp-studio';

/**
 * A small convolutional network: `{ "kind": "./my-model.ts", "channels": 8 }`. Stages of a 3×3 convolution, batch norm
 * and ReLU; every stage but the first halves the image and doubles the channels.
 */
export default defineModel({
  kind: 'my-model',
  title: ({ channels, stages }) => `My ConvNet (${stages} stages from ${channels} channels)`,
  // Each option with its default; the experiment file may give others.
  options: { channels: 8, stages: 3 },
  // What the experiment file does not say is taken from here.
  defaults: {
    recipe: { optimizer: { momentum: 0.9, weightDecay: 1e-4 }, learningRate: 0.05, batch: 128, epochs: 10 },
    ticket: { epochs: 1 },
    swa: { start: 0.5, learningRate: 0.02 },
  },
  // Called with bare shapes to count parameters and FLOPs, and with tensors to train.
  forward(net, images, { channels, stages }, classes) {
    let x = images;
    for (let stage = 1; stage <= stages; stage++) {
      const filters = channels * 2 ** (stage - 1);
      const stride = stage === 1 ? 1 : 2;
      x = net.conv2d(`conv${stage}`, x, { filters, size: 3, stride, padding: 1 });
      x = net.relu(net.batchNorm(`bn${stage}`, x));
    }
    return net.dense('classifier', net.globalAveragePool(x), { units: classes, classifier: true });
  },
});
