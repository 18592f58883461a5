// oxlint-disable-next-line import/no-unassigned-import -- what its import costs is measured
import 'fastify';
