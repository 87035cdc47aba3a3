import { describe, expect, it } from 'vitest';
import { describeModel, modelLayout, openModel } from './registry.ts';

describe('models', () => {
  it('LeNet-300-100 has the 266,610 parameters everybody quotes', () => {
    const layout = modelLayout({ kind: 'lenet' }, [28, 28, 1], 10, true);
    expect(layout.total).toBe(266_610);
    expect(layout.prunable).toBe(784 * 300 + 300 * 100 + 100 * 10);
    expect(modelLayout({ kind: 'lenet' }, [28, 28, 1], 10, false).prunable).toBe(784 * 300 + 300 * 100);
  });

  it('ResNet-20 has the 0.27 M parameters and 41 M multiply-adds of He et al. (2016)', () => {
    const { parameters, layers } = describeModel({ kind: 'resnet', depth: 20 }, [32, 32, 3], 10);
    const total = parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    // 269,722 with identity shortcuts, plus two projections (512 + 2,048 weights) and their batch norms (64 + 128).
    expect(total).toBe(269_722 + 2 * 0 + 512 + 2_048 + 64 + 128);
    const multiplyAdds = layers.reduce((sum, { flops }) => sum + flops / 2, 0);
    expect(multiplyAdds / 1e6).toBeGreaterThan(40.5);
    expect(multiplyAdds / 1e6).toBeLessThan(41.5);
  });

  it('lays parameters out by name without gaps', () => {
    const { parameters } = modelLayout({ kind: 'resnet', depth: 8 }, [16, 16, 3], 10, false);
    const names = parameters.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    let offset = 0;
    for (const parameter of parameters) {
      expect(parameter.offset).toBe(offset);
      offset += parameter.size;
    }
  });

  it('names a depth that is not 6n + 2, and an unknown model', () => {
    expect(() => openModel({ kind: 'resnet', depth: 9 })).toThrow(/6n \+ 2/);
    expect(() => openModel({ kind: 'vgg' })).toThrow(/model\.kind: there is no 'vgg'/);
  });
});
