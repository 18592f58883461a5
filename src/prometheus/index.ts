export { createPrometheus, type MetricsPage, type Prometheus, type PrometheusOptions } from './create-prometheus.js';
