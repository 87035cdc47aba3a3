import { SVGRenderer } from 'echarts/renderers';
import { echarts } from './echarts.ts';

// Only what becomes a file needs it: loaded then.
echarts.use(SVGRenderer);
