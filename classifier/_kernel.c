/* What several rooms do in plain Python, faster and the same to the last bit; they are the oracle of the tests. Four types, each
 * in a file of its own: a Kernel makes scores of texts, a Reader makes sentences, tokens and runs of them, Openings take the
 * first look at a page, Sigmoids make probabilities of scores.
 */
#include "_kernel_curves.h"
#include "_kernel_openings.h"
#include "_kernel_reader.h"
#include "_kernel_scores.h"

static int add_type(PyObject *module, PyType_Spec *spec, const char *name) {
    PyObject *type = PyType_FromSpec(spec);
    int bad = type ? PyModule_AddObjectRef(module, name, type) : -1;
    Py_XDECREF(type);
    return bad;
}

enum { EDITION = 2 }; /* as in `native`: to be raised with every change that plain Python must know of */

static int fill(PyObject *module) {
    int bad = PyModule_AddIntConstant(module, "EDITION", EDITION);
    bad = bad || add_type(module, &kernel_spec, "Kernel") || add_type(module, &reader_spec, "Reader");
    bad = bad || add_type(module, &openings_spec, "Openings") || add_type(module, &sigmoids_spec, "Sigmoids");
    return bad ? -1 : 0;
}
static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, fill}, {0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_kernel", "What several rooms do in plain Python, in C.", 0, NULL,
                                 module_slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&definition); }
