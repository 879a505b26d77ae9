"""Titles and abstracts of our own wording, by what makes the place between them hard or easy."""

CUTS = {
    "colon title": (
        "Lantern: A Compiler for Sparse Robot Policies",
        "Robot policies are often trained in simulation and then distilled by hand. We present a "
        "compiler that does this in one step.",
    ),
    "colon title, capitals throughout": (
        "MARBLE: Memory-Augmented Retrieval for Long Documents",
        "Language models struggle to use long documents. In this paper we propose MARBLE, which "
        "keeps an index of what it has read.",
    ),
    "lower-case title": (
        "Diffusion of heavy quarks in a strongly coupled plasma",
        "The diffusion coefficient of heavy quarks is computed on the lattice. We find that it "
        "falls with temperature.",
    ),
    "lower-case title before a gerund": (
        "A note on the spectral gap of random graphs",
        "Using a trace method, we show that the spectral gap of a random regular graph is close "
        "to optimal with high probability.",
    ),
    "question": (
        "Do Language Models Know When They Are Wrong?",
        "Calibration has been studied for classifiers, but less is known about free text. We "
        "collect ten thousand answers and ask.",
    ),
    "question before a statement": (
        "What Makes a Benchmark Hard? Lessons from Ten Years of Parsing",
        "Benchmarks saturate quickly. We look back at ten years of parsing and ask what made some "
        "of them last.",
    ),
    "exclamation mark": (
        "Mind the Gap! Robust Planning under Delayed Rewards",
        "Delayed rewards make planning difficult because the effect of an action is seen late.",
    ),
    "opens with We": (
        "Efficient Sampling from Log-Concave Densities",
        "We give a sampler for log-concave densities whose cost grows linearly with dimension.",
    ),
    "opens with This paper": (
        "An Introduction to Tropical Curves",
        "This paper is an introduction to tropical curves for readers who know some algebra.",
    ),
    "opens with In this": (
        "Stability of Rotating Bose Gases in Anharmonic Traps",
        "In this work, we study the stability of rotating Bose gases and derive a criterion.",
    ),
    "opens with Recent": (
        "Scaling Vision Encoders without Labels",
        "Recent progress in self-supervised learning has made large vision encoders possible.",
    ),
    "opens with While": (
        "Tool Use in Small Language Models",
        "While large language models can call tools reliably, small models often fail to do so.",
    ),
    "echo at the end of the title": (
        "Short-Term Weather Prediction with Reservoir Computing",
        "Reservoir computing (RC) has become a popular way to predict chaotic systems.",
    ),
    "echo of the whole subject": (
        "Quantum Error Correction with Floquet Codes",
        "Quantum error correction is essential for large computations. Floquet codes need only "
        "measurements of two qubits.",
    ),
    "acronym defined at once": (
        "Fast Training of Graph Neural Networks",
        "Graph neural networks (GNNs) have shown strong results on molecules and social networks.",
    ),
    "capital acronym defined": (
        "Adaptive Compression for Federated Learning",
        "Federated Learning (FL) allows devices to train a model together without sharing data.",
    ),
    "title ends in an acronym": (
        "Measurement of Jet Substructure at the LHC",
        "A measurement of jet substructure in proton collisions is presented, using data recorded "
        "by a large detector.",
    ),
    "brackets": (
        "Notes on Entropy (Part Two)",
        "These notes continue our discussion of entropy in small systems.",
    ),
    "number in the title": (
        "Lessons from 100 Days of Continuous Deployment",
        "Continuous deployment promises fast feedback. We report what happened in one hundred "
        "days at a hospital.",
    ),
    "number begins the title": (
        "3D Scene Editing with Language",
        "Editing scenes by hand is slow. We present a method that edits a scene from a sentence.",
    ),
    "version ends the title": (
        "Harbour 2.5: An Open Model for Speech",
        "We introduce Harbour 2.5, an open model that understands speech in forty languages.",
    ),
    "year ends the title": (
        "Overview of the Shared Task on Irony Detection 2019",
        "The shared task on irony detection was held for the third time. Twelve teams took part.",
    ),
    "mathematics in the title": (
        r"Bounds on the Decay $B \to K \ell \ell$ from Lattice Data",
        "The decay of heavy mesons is sensitive to new physics. We derive bounds from lattice "
        "data.",
    ),
    "mathematics ends the title": (
        r"A search for dark photons at $\sqrt{s}=13$ TeV",
        "A search for dark photons decaying to pairs of muons is presented. No excess is seen.",
    ),
    "mathematics opens the abstract": (
        "On the cohomology of moduli of sheaves",
        r"Let $X$ be a smooth projective surface. We compute the cohomology of moduli of sheaves "
        r"on $X$.",
    ),
    "surnames": (
        "Boundary layers in the Navier-Stokes equations",
        "Boundary layers of the Navier-Stokes equations are studied in the limit of small "
        "viscosity.",
    ),
    "not English": (
        "Étude numérique des équations de Navier-Stokes",
        "Nous étudions les équations de Navier-Stokes dans un domaine borné et nous montrons que "
        "la solution existe.",
    ),
    "an emphasis in capitals": (
        "Attention Is NOT Explanation of Everything",
        "Attention weights are often read as explanations. We show that this is wrong in general.",
    ),
    "technical report": (
        "Juniper 3 Technical Report",
        "We present Juniper 3, a family of open models from one to seventy billion parameters.",
    ),
    "noun phrase opens the abstract": (
        "Harvester: An Agent for Literature Review",
        "Data-driven reviews require reading thousands of papers. Existing agents lose coherence "
        "after a few steps.",
    ),
    "several sentences in the title": (
        "Trust, but Verify. On the Limits of Automated Grading",
        "Automated grading is attractive for large courses. We examine where it goes wrong.",
    ),
    "dash": (
        "Learning to Walk - Model-Free Control of a Small Robot",
        "Legged robots are difficult to control. We show that a small robot can learn to walk in "
        "an hour.",
    ),
    "gerund is the subject": (
        "PebbleNet: Cheap Pruning for Speech Recognisers",
        "Pruning large speech recognisers remains slow because every layer has to be looked at "
        "again. We prune them while they train.",
    ),
    "gerund ends the title": (
        "A Small Budget Goes Far in Graph Network Training",
        "Large graph networks are costly to fit. A Small Budget, our method, fits them in an hour.",
    ),
    "adjective before an acronym's words": (
        "Routing Requests by Their Length",
        "Existing Large Language Models (LLMs) are served in batches, whatever the length of a "
        "request. We sort requests first.",
    ),
    "acronym with all its words": (
        "Ask the Street: Questions about City Maps",
        "Visual Map Question Answering (VMQA) asks for facts that a map shows. We collect ten "
        "thousand such questions.",
    ),
    "acronym with letters inside a word": (
        "Cheap Heart Monitors for Everyone",
        "Photoplethysmography (PPG) measures blood flow by light. We build a monitor of parts "
        "that cost three euros.",
    ),
    "acronym before its words": (
        "What Retrieval Cannot Repair",
        "RAG (Retrieval-Augmented Generation) is often used against made-up facts. We show where "
        "it does not help.",
    ),
    "name of the title opens the abstract": (
        "Lantern: An Index for Handwritten Notes",
        "Lantern is an index for notes that were written by hand. It reads a page in a second.",
    ),
    "name in other spelling": (
        "River-Flow V2: A Simulator of Shallow Water",
        "RiverFlow V2 is a simulator of shallow water that runs on a laptop. We describe how it "
        "is built.",
    ),
    "question with a name in it": (
        "Are Simultaneous Bell Tests Possible?",
        "Experiments on Bell inequalities measure one pair of settings at a time. We ask what "
        "changes when they do not.",
    ),
    "two questions": (
        "Can You Trust a Sundial? Will It Rain?",
        "Sundials are accurate on a clear day. We compare forty of them with an atomic clock.",
    ),
    "question opens the abstract": (
        "Sleep and the Memory of Bees",
        "Do bees remember better after sleep? We kept sixty bees awake and found that they do not.",
    ),
    "single letter ends the title": (
        "Slow Winds around the Radio Galaxy Cygnus A",
        "The winds around radio galaxies are hard to see. We report an observation in which they "
        "are slow.",
    ),
    "phrase of the title comes again in the text": (
        "Fast Rendering with Sparse Feature Attention",
        "Three-dimensional scenes are slow to draw. Sparse feature attention draws only what is "
        "seen, and our renderer with sparse feature attention needs a tenth of the time.",
    ),
    "label": (
        "Walking Speed after a Broken Hip",
        "Background: Walking speed tells how well a hip has healed. Methods: We measured it in "
        "ninety patients.",
    ),
    "label in TeX": (
        "Salt in the Air of Coastal Towns",
        r"\textbf{Background} Salt in the air damages houses near the sea. We measured it in six "
        "towns.",
    ),
    "label in brackets": (
        "Two Clusters that Passed through Each Other",
        "(Abridged) We present new images of two clusters of galaxies that passed through each "
        "other, and compare their gas.",
    ),
    "title comes again at once": (
        "The Cost of Waiting",
        "The cost of waiting is rarely counted. We count it for three hospitals and find that it "
        "is high.",
    ),
    "long title": (
        "Search for long-lived particles that decay to two muons far from the beam, with the data "
        "of the first three years and with triggers that look at one muon alone",
        "A search for particles that live long enough to leave the beam is presented. No excess "
        "over the background is seen.",
    ),
    "title in sentence case before a name": (
        "On the slow growth of sandpiles",
        "Abelian sandpiles grow one grain at a time. We prove that their boundary is round.",
    ),
    "conference in brackets": (
        "Notes from a Workshop on Small Telescopes (Lisbon, 2019)",
        "This is a summary of a workshop on telescopes of less than a metre, which was held in "
        "Lisbon.",
    ),
}
