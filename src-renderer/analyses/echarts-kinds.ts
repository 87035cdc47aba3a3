import { CustomChart, HeatmapChart } from 'echarts/charts';
import { GraphicComponent, VisualMapComponent } from 'echarts/components';
import { echarts } from '../charts/echarts.ts';

// What only figures of analyses draw.
echarts.use([HeatmapChart, CustomChart, VisualMapComponent, GraphicComponent]);
