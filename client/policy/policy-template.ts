/** The policy of a new site: every field with what it means, and nothing allowed. */
export const POLICY_TEMPLATE = `# What this site allows. The strictest of study and policy counts; nobody else can widen it.
# It is read at start and before each step. A key that does not exist is an error. Only what is listed is allowed.
policy: 1

# true: nothing leaves, sessions end, at the next message.
kill: false

studies:
  # Studies that may run here, each until the end of a day (UTC), such as { hash: "sha256:...", until: 2027-06-30 }.
  # consilium site approve keeps its approvals beside this list, in state/approvals.json.
  allow: []
  # Leads whose signed studies need no approval of their own.
  leads: []

modalities:
  # Modalities whose encoders may be shared.
  release: []
  # Modalities that must not be, whatever release says.
  never: []

cohort:
  # Smallest number of sites in a sum that is revealed; not below 3. A study's merge.minHolders must reach it.
  kMin: 5
  # A modality held for fewer patients is not offered. A study's merge.minPatients must reach it.
  minPatients: 50
  # No number leaves from which a group of fewer patients could be counted. A study's evaluation.minCell must reach it.
  minCell: 11
  # Allow a block with one holder under { maxEpsilon: 2, delta: 1.0e-5 }. Needs noise, which this release does not have:
  # such a block stays here whatever is written.
  soloRelease: null
  # Sites with which this one alone may form a sum. No effect in this release: three is the fewest.
  pairWaiver: []

secureAggregation:
  # Refuse studies of which the coordinator reads more than sums over sites. With false, a study without secure aggregation
  # lets the coordinator read each update of this site, and its counts, by itself.
  require: true
  # The most precise weights that are accepted: uniform, bucketed or exact.
  weights: bucketed
  # Rounds per study in which a cohort may differ by exactly one site. Not enforced in this release.
  maxSingletonChurn: 3

privacy:
  # The least that is accepted: off, or record (noise on each patient's gradient, added here): docs/privacy.md.
  mode: off
  # Epsilon of one study, epsilon of all studies on this site's patients, and largest delta; must be given if mode is
  # record. A round that would pass them is declined; what is spent stays spent.
  maxEpsilon: null
  maxEpsilonTotal: null
  maxDelta: null

update:
  # Largest L2 norm by which one update may move a block.
  maxClip: 10
  # Largest model, in parameters.
  maxParameters: 50000000
  # Refuse a model that this site cannot recompute. NOT BUILT YET: with true every study is refused.
  requireModelChain: true

evaluation:
  # Metrics that may leave as sums: auroc, auprc, brier, calibration (a study of classes needs these four); rmse, mae, r2
  # (of numbers); cIndex (of survival).
  metrics: []
  # Whether reports may show figures under this site's name. It is this site's word in the approval; while updates are
  # not masked, the coordinator could work them out.
  perSite: false

limits:
  # Rounds per study.
  rounds: 200
  # Hours of training and MiB of updates in any 24 hours, over all studies; 24 hours is no limit.
  trainingHoursPerDay: 24
  uploadMiBPerDay: 4096

schedule:
  # When training may start, such as "20:00-06:00"; null: always. Messages are answered at all times.
  train: null
  zone: UTC

transport:
  # Accept a proxy that ends TLS. Then only signatures protect what is sent.
  inspected: false
  # HTTP proxy, such as http://proxy.example.org:3128.
  proxy: null
`;
